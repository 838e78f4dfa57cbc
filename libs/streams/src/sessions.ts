import { admit, type EventTime } from './event-time.ts';
import type { SpanOperator, SpanResult, Sums } from './windows.ts';

/** Sessions end when their key has no event for more than `gap` milliseconds. */
export interface SessionOptions<E, A> extends Sums<E, A> {
  readonly gap: number;
}

/** The state of a key: its sessions that may still change, sorted by start. */
export interface SessionState<A> {
  readonly time: EventTime;
  readonly open: readonly OpenSession<A>[];
}

interface OpenSession<A> extends SpanResult<A> {
  /** Its newest result has not come out. */
  readonly changed: boolean;
}

/**
 * Sessions per key, from its first event to its last one, inclusive. An event between two sessions joins them. A result replaces every earlier one that
 * begins within it; the last results are the sessions of all events that are not late.
 */
export function sessions<E, A>(
  options: SessionOptions<E, A>,
): SpanOperator<SessionState<A>, E, SpanResult<A>> {
  const { gap, lateness, at } = options;

  function process(before: SessionState<A> | undefined, event: E) {
    const { time, isLate, horizon } = admit(before?.time, at(event), lateness);
    const known = before?.open ?? [];
    const outputs = known.filter((each) => isOver(each, horizon) && each.changed).map(result);
    const open = known.filter((each) => !isOver(each, horizon));
    return { state: { time, open: isLate ? open : joined(open, event) }, outputs };
  }

  const isOver = ({ end }: SpanResult<A>, horizon: number): boolean => end + gap < horizon;

  function joined(open: SessionState<A>['open'], event: E): SessionState<A>['open'] {
    const time = at(event);
    const isNear = ({ start, end }: SpanResult<A>) => start - gap <= time && time <= end + gap;
    const near = open.filter(isNear);
    const session = {
      start: Math.min(time, ...near.map(({ start }) => start)),
      end: Math.max(time, ...near.map(({ end }) => end)),
      sum: options.add(near.map(({ sum }) => sum).reduce(options.merge, options.empty), event),
      changed: true,
    };
    return [...open.filter((each) => !isNear(each)), session].sort((a, b) => a.start - b.start);
  }

  return {
    process,
    flush: (state) => ({
      state: { ...state, open: state.open.map((each) => ({ ...each, changed: false })) },
      outputs: state.open.filter(({ changed }) => changed).map(result),
    }),
    hasChanged: ({ open }) => open.some(({ changed }) => changed),
  };
}

const result = <A>({ start, end, sum }: SpanResult<A>): SpanResult<A> => ({ start, end, sum });
