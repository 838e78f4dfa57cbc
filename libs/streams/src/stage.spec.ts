import { beforeEach, describe, expect, it } from '@jest/globals';
import { event, instant, type Message, newId } from '@waybill/message';
import { emptyBatch, stateTable } from '@waybill/messaging';
import { ConsumerBench, MemoryStore } from '@waybill/messaging/testing';
import fc from 'fast-check';
import { z } from 'zod';
import { type KeyedState, type Seen, type StageOptions, stage, timer } from './stage.ts';
import { type SpanResult, slidingWindows, type WindowState } from './windows.ts';

const key = (data: { readonly key: string }): string => data.key;
const Knocked = event('door.knocked', {
  summary: 'for tests',
  schema: z.strictObject({ id: z.uuid(), key: z.string(), at: instant, times: z.int() }),
  key,
});
const Counted = event('door.counted', {
  summary: 'for tests',
  schema: z.strictObject({ key: z.string(), start: z.int(), times: z.int() }),
  key,
});
const CountsDue = event('door.counts-due', {
  summary: 'for tests',
  schema: z.strictObject({ key: z.string() }),
  key,
});

type State = WindowState<number>;
const states = stateTable<KeyedState<State>>({ table: 'windows', id: 'id' });
const seen = stateTable<Seen>({ table: 'seen', id: 'id' });
const factors = stateTable<{ id: string; factor: number }>({ table: 'factors', id: 'id' });

const windows = slidingWindows<{ at: number; times: number }, number>({
  size: 60_000,
  advance: 60_000,
  lateness: 60_000,
  at: ({ at }) => at,
  empty: 0,
  add: (sum, { times }) => sum + times,
  merge: (one, other) => one + other,
});
const options: StageOptions<State, { at: number; times: number }, SpanResult<number>> = {
  group: 'counts',
  process: windows.process,
  publish: (results, of) =>
    results.map(({ start, sum }) => Counted({ key: of, start, times: sum })),
  late: ({ time }) => time.late,
  timer: timer(CountsDue, { ...windows, after: 1_000 }),
};
const counting = stage(states, options);
const handlers = [
  counting.from(Knocked, {
    key,
    tables: (data) => [factors.at(data.key)],
    once: { table: seen, id: ({ id }) => id },
    event: ({ key: of, at, times }, { read }) =>
      times < 0
        ? undefined
        : { at: Date.parse(at), times: times * (read(factors.at(of))?.factor ?? 1) },
  }),
  counting.timers(),
];

const minute = (n: number, second = 0) =>
  new Date(Date.UTC(2026, 0, 1, 0, n, second)).toISOString();
const knocked = (at: string, times = 1, of = 'front', id = newId()) =>
  Knocked({ id, key: of, at, times });

let bench: ConsumerBench;
beforeEach(async () => {
  bench = await new ConsumerBench(handlers).start();
});
const knock = async (...messages: Message[]) => {
  for (const message of messages) bench.deliver(message, { group: 'counts' });
  await bench.quiet();
};
const sent = (type: string) => bench.sent.filter((each) => each.type === type);
const counts = () => sent('door.counted').map(({ data }) => (data as { times: number }).times);

describe('a stage', () => {
  it('keeps the state of each key, and publishes outputs', async () => {
    await knock(knocked(minute(0)), knocked(minute(0), 2), knocked(minute(0), 7, 'back'));
    expect(counts()).toEqual([]);
    await knock(knocked(minute(2)));
    expect(counts()).toEqual([3]);
  });

  it('joins an event with the rows of other tables', async () => {
    const value = { id: 'front', factor: 10 };
    await bench.store.commit({
      ...emptyBatch,
      states: [
        { table: factors as never, id: 'front', value, before: undefined, loaded: 0, version: 1 },
      ],
    });
    await knock(knocked(minute(0), 3), knocked(minute(2)));
    expect(counts()).toEqual([30]);
  });

  it('processes an event once, whichever message brings it', async () => {
    const id = newId();
    await knock(knocked(minute(0), 1, 'front', id), knocked(minute(0), 1, 'front', id));
    await knock(knocked(minute(0), 1, 'front', id), knocked(minute(2)));
    expect(counts()).toEqual([1]);
  });

  it('counts what is too late, and begins a key again that has none', async () => {
    const before = bench.finished.length;
    await knock(knocked(minute(5)), knocked(minute(1)), knocked(minute(5)));
    const late = bench.finished.slice(before).map((each) => each.late ?? false);
    expect(late).toEqual([false, true, false]);
  });

  it('leaves out what is no event', async () => {
    await knock(knocked(minute(0), -1));
    expect([...bench.store.states.keys()]).toEqual([]);
  });

  it('sets one timer at a time, which puts out what has changed', async () => {
    const due = () => knock(CountsDue({ key: 'front' }));
    await knock(knocked(minute(0)), knocked(minute(0)));
    expect(sent('door.counts-due')).toHaveLength(1);
    await due();
    expect(counts()).toEqual([2]);
    await due();
    expect([counts(), sent('door.counts-due').length]).toEqual([[2], 1]);
    await knock(knocked(minute(0)));
    expect(sent('door.counts-due')).toHaveLength(2);
  });
});

it('gives the same results when the process dies between a commit and its acknowledgement', async () => {
  const streams = fc.array(
    fc.record({ minute: fc.integer({ min: 0, max: 8 }), repeats: fc.integer({ min: 1, max: 3 }) }),
    { minLength: 1, maxLength: 8 },
  );
  /** Each process gets the messages that its predecessor did not acknowledge, and all of them live on one store. */
  const results = async (messages: readonly (readonly [string, Message])[]) => {
    const store = new MemoryStore(() => new Date());
    const found = new Map<number, number>();
    for (const [id, message] of messages) {
      const process = await new ConsumerBench(handlers, { store }).start();
      process.deliver(message, { id, group: 'counts' });
      await process.quiet();
      for (const { type, data } of process.sent) {
        const { start, times } = data as { start: number; times: number };
        if (type === 'door.counted') found.set(start, (found.get(start) ?? 0) + times);
      }
    }
    return [...found];
  };
  await fc.assert(
    fc.asyncProperty(streams, async (stream) => {
      const each = stream.map(
        ({ minute: n, repeats }) => [newId(), knocked(minute(n)), repeats] as const,
      );
      const once = each.map(([id, message]) => [id, message] as const);
      const again = each.flatMap(([id, message, repeats]) =>
        Array.from({ length: repeats }, () => [id, message] as const),
      );
      expect(await results(again)).toEqual(await results(once));
    }),
    { numRuns: 3 },
  );
});

it('has timers only if it was given one', () => {
  const { timer: _, ...without } = options;
  expect(() => stage(states, without).timers()).toThrow(TypeError);
});
