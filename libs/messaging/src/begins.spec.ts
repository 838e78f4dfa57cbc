import { describe, expect, it } from '@jest/globals';
import { refName } from './state.ts';
import { ConsumerBench } from './testing/consumer-bench.ts';
import { Add, AddHere, adding, calling } from './testing/counters.fixture.ts';

/** A consumer, and the names of the states that it has read from the store, in order. */
async function benchOf(handler: ReturnType<typeof adding>) {
  const bench = new ConsumerBench([handler]);
  const reads: string[] = [];
  const load = bench.store.load.bind(bench.store);
  bench.store.load = (refs) => {
    reads.push(...refs.map(refName));
    return load(refs);
  };
  const total = (id: string) => bench.store.states.get(`counters/${id}`)?.value;
  const stored = (id: string, n: number, version = 3) =>
    bench.store.states.set(`counters/${id}`, { value: { id, total: n }, version });
  const submit = async (id: string, n: number) => {
    const answer = bench.consumer.submit(AddHere({ id, n })).catch((error: Error) => error.message);
    await bench.quiet();
    return answer;
  };
  await bench.start();
  return { bench, reads, total, stored, submit };
}
const beginning = (contract: typeof Add, trouble?: (n: number) => unknown) => {
  const { options, ...rest } = adding(contract, trouble);
  return { ...rest, options: { ...options, begins: true } };
};

describe('the state of a message that begins it', () => {
  it('is not read', async () => {
    const { bench, reads, total } = await benchOf(beginning(Add));
    for (const n of [1, 2]) bench.deliver(Add({ id: 'a', n }));
    await bench.quiet();
    bench.deliver(Add({ id: 'a', n: 3 }));
    await bench.quiet();
    expect([reads, total('a')]).toEqual([[], { id: 'a', total: 6 }]);
  });

  it('is read when the commit finds one, and decided on again; no attempt is counted', async () => {
    const { bench, reads, total, stored } = await benchOf(beginning(Add));
    stored('a', 10);
    bench.deliver(Add({ id: 'a', n: 1 }));
    bench.deliver(Add({ id: 'b', n: 1 }));
    await bench.quiet();
    expect([total('a'), total('b')]).toEqual([
      { id: 'a', total: 11 },
      { id: 'b', total: 1 },
    ]);
    expect(reads).toEqual(['counters/a', 'counters/b']);
    expect(bench.troubles).toEqual([]);
  });

  it('is read before a caller is refused', async () => {
    const refusal = (n: number) => (n === 0 ? new Error('nothing to add') : undefined);
    const { reads, stored, submit } = await benchOf(beginning(AddHere, refusal));
    stored('a', 10);
    expect(await submit('a', 0)).toBe('nothing to add');
    expect(reads).toEqual(['counters/a']);
    expect(await submit('a', 1)).toBe(11);
  });

  it('is read when another message of the batch does not begin it', async () => {
    const begins = beginning(Add);
    const bench = new ConsumerBench([begins, adding(AddHere)]);
    bench.store.states.set('counters/a', { value: { id: 'a', total: 10 }, version: 3 });
    await bench.start();
    const commits: number[] = [];
    bench.store.failWith = () => void commits.push(1);
    bench.deliver(Add({ id: 'a', n: 1 }));
    const answer = bench.consumer.submit(AddHere({ id: 'a', n: 1 }));
    await bench.quiet();
    expect([await answer, commits.length]).toEqual([12, 1]);
  });
});

describe('a state that was read for an ask', () => {
  it('is not read again for the decision, found or not', async () => {
    const { calls, handler } = calling();
    const { bench, reads, total, stored } = await benchOf(handler as never);
    stored('b', 10);
    bench.deliver(Add({ id: 'a', n: 1 }));
    bench.deliver(Add({ id: 'b', n: 2 }));
    await bench.quiet();
    for (const call of calls) call.answer();
    await bench.quiet();
    expect([total('a'), total('b')]).toEqual([
      { id: 'a', total: 1 },
      { id: 'b', total: 12 },
    ]);
    expect(reads).toEqual(['counters/a', 'counters/b']);
  });

  it('is read anew for the next ask while it is not known to exist', async () => {
    const { calls, handler } = calling();
    const { bench, reads } = await benchOf(handler as never);
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    calls[0]?.fail(new Error('not yet'));
    await bench.passEach(0, 200);
    expect(calls).toHaveLength(2);
    expect(reads).toEqual(['counters/a', 'counters/a']);
  });
});
