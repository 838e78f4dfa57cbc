import { command, local } from '@waybill/message';
import { z } from 'zod';
import { on } from '../handler.ts';
import { appendOnlyTable, stateTable } from '../state.ts';
import type { ConsumerBench } from './consumer-bench.ts';

const keyed = { key: (data: { id: string }) => data.id, summary: 'for tests' };
const schema = z.strictObject({ id: z.string(), n: z.int() });
export const Add = command('shop.add', { ...keyed, schema });
export const AddHere = local('shop.add-here', { ...keyed, schema });

interface Counter {
  id: string;
  total: number;
}
export const counters = stateTable<Counter>({
  table: 'counters',
  id: 'id',
});
const log = appendOnlyTable<{ n: number }>('log');

/** Adds `n` to a counter; `trouble` may throw for an `n`. */
export const adding = (contract: typeof Add, trouble: (n: number) => unknown = () => undefined) =>
  on(contract, counters, {
    state: (data) => data.id,
    decide: (counter, { id, n }) => {
      const error = trouble(n);
      if (error !== undefined) throw error;
      const total = (counter?.total ?? 0) + n;
      return { changes: [counters.put({ id, total }), log.entry({ n })], answer: total };
    },
  });

interface Call {
  readonly n: number;
  readonly answer: () => void;
  readonly fail: (error: unknown) => void;
}

/** Adds `n` once the test has answered the external call. */
export function calling() {
  const calls: Call[] = [];
  const handler = on(Add, counters, {
    state: (data) => data.id,
    call: (_, { n }) =>
      new Promise<number>((answer, fail) => calls.push({ n, answer: () => answer(n), fail })),
    decide: (counter, { id }, { answer }) => ({
      changes: [
        counters.put({ id, total: (counter?.total ?? 0) + answer }),
        log.entry({ n: answer }),
      ],
    }),
  });
  return { calls, handler };
}

/** What was added, in order. */
export const entered = (bench: ConsumerBench): number[] =>
  bench.store.entries.map(({ row }) => (row as { n: number }).n);

/** Commits, but the next `times` commits have an unknown outcome: their response is lost. */
export function loseAnswers(bench: ConsumerBench, times = 1): void {
  const commit = bench.store.commit.bind(bench.store);
  let left = times;
  bench.store.commit = async (batch) => {
    const committed = await commit(batch);
    left -= 1;
    if (left < 0) return committed;
    throw Object.assign(new Error('connection lost'), { code: '08006' });
  };
}

/** The next commit is not answered; the database executes it when the test calls the result, which resolves with its error. */
export function delayCommit(bench: ConsumerBench): () => Promise<unknown> {
  const commit = bench.store.commit.bind(bench.store);
  let execute = (): Promise<unknown> => Promise.reject(new Error('nothing was committed'));
  bench.store.commit = async (batch) => {
    bench.store.commit = commit;
    execute = () =>
      commit(batch).then(
        () => undefined,
        (error: unknown) => error,
      );
    throw Object.assign(new Error('connection lost'), { code: '08006' });
  };
  return () => execute();
}
