import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sessions } from './sessions.ts';
import { type SpanOperator, type SpanResult, slidingWindows } from './windows.ts';

interface Visit {
  readonly at: number;
  readonly page: string;
}
interface Seen {
  readonly visits: number;
  readonly pages: readonly string[];
}

const lateness = 50;
const sums = {
  at: (visit: Visit) => visit.at,
  lateness,
  empty: { visits: 0, pages: [] } as Seen,
  add: ({ visits, pages }: Seen, { page }: Visit): Seen => ({
    visits: visits + 1,
    pages: [...new Set([...pages, page])].sort(),
  }),
  merge: (one: Seen, other: Seen): Seen => ({
    visits: one.visits + other.visits,
    pages: [...new Set([...one.pages, ...other.pages])].sort(),
  }),
};
const windows = slidingWindows({ ...sums, size: 60, advance: 20 });
const gap = 30;
const visits = sessions({ ...sums, gap });

/** Events in any order, and `null` where the timer of the key fires. */
const streams = fc.array(
  fc.option(
    fc.record({ at: fc.integer({ min: 0, max: 400 }), page: fc.constantFrom('a', 'b', 'c') }),
    { freq: 4 },
  ),
  { maxLength: 60 },
);

interface Run {
  readonly results: SpanResult<Seen>[];
  readonly late: number;
}

/** The state goes through JSON after each step, as if every event came to another process. */
function run<S extends { readonly time: { readonly late: number } }>(
  { process, flush }: SpanOperator<S, Visit, SpanResult<Seen>>,
  stream: readonly (Visit | null)[],
): Run {
  let state: S | undefined;
  const results: SpanResult<Seen>[] = [];
  for (const event of [...stream, null]) {
    const step = event ? process(state, event) : state && flush(state);
    if (!step) continue;
    state = JSON.parse(JSON.stringify(step.state)) as S;
    results.push(...step.outputs);
  }
  return { results, late: state?.time.late ?? 0 };
}

/** Without the events that are too old when they arrive. */
function admitted(stream: readonly (Visit | null)[]): Visit[] {
  const events = stream.filter((event) => event !== null);
  let newest = Number.NEGATIVE_INFINITY;
  return events.filter(({ at }) => {
    newest = Math.max(newest, at);
    return at >= newest - lateness;
  });
}

const sumOf = (events: readonly Visit[]): Seen => events.reduce(sums.add, sums.empty);
const byStart = (results: readonly SpanResult<Seen>[]) =>
  [...new Map(results.map((each) => [each.start, each])).values()].sort(
    (one, other) => one.start - other.start,
  );

describe('sliding windows of a random stream', () => {
  const naive = (events: readonly Visit[]): SpanResult<Seen>[] =>
    Array.from({ length: 30 }, (_, i) => (i - 3) * 20)
      .map((start) => ({ start, end: start + 60 }))
      .map((span) => ({
        ...span,
        sum: sumOf(events.filter(({ at }) => at >= span.start && at < span.end)),
      }))
      .filter(({ sum }) => sum.visits > 0);

  it('are the sums of the events in them, whatever the order and whenever timers fire', () => {
    fc.assert(
      fc.property(streams, (stream) => {
        expect(byStart(run(windows, stream).results)).toEqual(naive(admitted(stream)));
      }),
    );
  });

  it('are right for a key with 10,000 events that are up to the lateness out of order', () => {
    const stream = Array.from({ length: 10_000 }, (_, i) => ({
      at: Math.floor(i / 25) + ((i * 7_919) % 60),
      page: ['a', 'b', 'c'][i % 3] ?? 'a',
    }));
    const { results, late } = run(windows, stream);
    expect(byStart(results)).toEqual(naive(admitted(stream)));
    expect(late).toBeGreaterThan(0);
  });

  it('keep no more than the windows that can still change', () => {
    fc.assert(
      fc.property(streams, (stream) => {
        const events = stream.filter((event) => event !== null);
        const state = events.reduce<ReturnType<typeof windows.process>['state'] | undefined>(
          (before, event) => windows.process(before, event).state,
          undefined,
        );
        expect(state?.panes.length ?? 0).toBeLessThanOrEqual((60 + lateness) / 20 + 1);
      }),
    );
  });
});

describe('sessions of a random stream', () => {
  function naive(events: readonly Visit[]): SpanResult<Seen>[] {
    const groups: Visit[][] = [];
    for (const event of [...events].sort((one, other) => one.at - other.at)) {
      const last = groups.at(-1);
      if (last && event.at - (last.at(-1)?.at ?? 0) <= gap) last.push(event);
      else groups.push([event]);
    }
    return groups.map((group) => ({
      start: group[0]?.at ?? 0,
      end: group.at(-1)?.at ?? 0,
      sum: sumOf(group),
    }));
  }

  /** A result replaces earlier ones that begin within it. */
  const replaced = (results: readonly SpanResult<Seen>[]) =>
    results.reduce<SpanResult<Seen>[]>(
      (kept, each) => [...kept.filter(({ start }) => start < each.start || start > each.end), each],
      [],
    );

  it('are split where nothing happened, whatever the order and whenever timers fire', () => {
    fc.assert(
      fc.property(streams, (stream) => {
        const found = byStart(replaced(run(visits, stream).results));
        expect(found).toEqual(naive(admitted(stream)));
      }),
    );
  });
});

describe('late events', () => {
  it('are counted, and change no result', () => {
    fc.assert(
      fc.property(streams, (stream) => {
        const late = stream.filter((event) => event !== null).length - admitted(stream).length;
        expect([run(windows, stream).late, run(visits, stream).late]).toEqual([late, late]);
      }),
    );
  });
});

it('needs windows that consist of whole advances', () => {
  expect(() => slidingWindows({ ...sums, size: 60, advance: 25 })).toThrow(TypeError);
  expect(() => slidingWindows({ ...sums, size: 60, advance: 0 })).toThrow(TypeError);
});
