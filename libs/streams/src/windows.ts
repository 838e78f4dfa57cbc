import { admit, type EventTime } from './event-time.ts';
import type { Operator, Step } from './operator.ts';

/** How a result is computed from the events of a span of time. `A` can be stored as JSON. */
export interface Sums<E, A> {
  /** The time of an event, in milliseconds. */
  readonly at: (event: E) => number;
  /** By how many milliseconds an event may be older than the newest one of its key and still count. */
  readonly lateness: number;
  readonly empty: A;
  readonly add: (sum: A, event: E) => A;
  /** The sum of the events of both, in which the order of events must not matter. */
  readonly merge: (one: A, other: A) => A;
}

/** Windows of `size` milliseconds, one every `advance`, of which `size` is a multiple. A window contains its start and not its end. */
export interface WindowOptions<E, A> extends Sums<E, A> {
  readonly size: number;
  readonly advance: number;
}

/** The sum of the events of one span. */
export interface SpanResult<A> {
  readonly start: number;
  readonly end: number;
  readonly sum: A;
}

/** The state of a key: sums of `advance` milliseconds, from which every window is made. */
export interface WindowState<A> {
  readonly time: EventTime;
  /** Sorted by start. */
  readonly panes: readonly { readonly start: number; readonly sum: A }[];
  /** The starts of windows whose newest result has not come out. */
  readonly changed: readonly number[];
}

/** An operator whose results come out when they are final, and sooner if `flush` is called. */
export interface SpanOperator<S, E, O> {
  readonly process: Operator<S, E, O>;
  /** Puts out what has changed and is not final. Has no effect on what is final, or late. */
  readonly flush: (state: S) => Step<S, O>;
  readonly hasChanged: (state: S) => boolean;
}

/**
 * Sliding windows per key. The last result of a window is the sum of all its events that are not late; it comes out at the latest when an
 * event shows that no other one will be admitted. A window without events has no result.
 */
export function slidingWindows<E, A>(
  options: WindowOptions<E, A>,
): SpanOperator<WindowState<A>, E, SpanResult<A>> {
  const { size, advance, lateness, at } = options;
  if (!(advance > 0) || size % advance !== 0)
    throw new TypeError(`windows of ${size} ms cannot advance by ${advance} ms`);

  function process(before: WindowState<A> | undefined, event: E) {
    const { time, isLate, horizon } = admit(before?.time, at(event), lateness);
    const [final, open] = split(before?.changed ?? [], (start) => start + size <= horizon);
    const outputs = final.map((start) => resultOf(before?.panes ?? [], start));
    const panes = (before?.panes ?? []).filter(({ start }) => start + size > horizon);
    if (isLate) return { state: { time, panes, changed: open }, outputs };
    const start = Math.floor(at(event) / advance) * advance;
    const touched = Array.from({ length: size / advance }, (_, i) => start - i * advance);
    const changed = [...new Set([...open, ...touched.filter((each) => each + size > horizon)])];
    return { state: { time, panes: added(panes, start, event), changed }, outputs };
  }

  function added(panes: WindowState<A>['panes'], start: number, event: E): WindowState<A>['panes'] {
    const at = panes.findIndex((pane) => pane.start === start);
    const pane = { start, sum: options.add(panes[at]?.sum ?? options.empty, event) };
    if (at >= 0) return panes.with(at, pane);
    return [...panes, pane].sort((one, other) => one.start - other.start);
  }

  function resultOf(panes: WindowState<A>['panes'], start: number): SpanResult<A> {
    const end = start + size;
    const inside = panes.filter((pane) => pane.start >= start && pane.start < end);
    return { start, end, sum: inside.map((pane) => pane.sum).reduce(options.merge) };
  }

  return {
    process,
    flush: (state) => ({
      state: { ...state, changed: [] },
      outputs: sorted(state.changed).map((start) => resultOf(state.panes, start)),
    }),
    hasChanged: ({ changed }) => changed.length > 0,
  };
}

const sorted = (starts: readonly number[]): number[] => [...starts].sort((a, b) => a - b);

/** Those that `test` holds for, in order, and the others. */
const split = (starts: readonly number[], test: (start: number) => boolean) =>
  [sorted(starts).filter(test), starts.filter((start) => !test(start))] as const;
