import { describe, expect, it } from '@jest/globals';
import { type Envelope, newId } from '@waybill/message';
import type { Transactions } from './store.ts';
import { type Batch, BatchConflict } from './store.ts';
import { ConsumerBench } from './testing/consumer-bench.ts';
import { Add, AddHere } from './testing/counters.fixture.ts';
import { transactional } from './transactional.ts';

type Call = { readonly n: number; end(): void; fail(error: unknown): void };

/** A consumer with a handler whose transactions end when the test says so. */
async function benchOf(contract = Add) {
  const calls: Call[] = [];
  const batches: Batch[] = [];
  const applied = new Set<string>();
  const run = (data: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      const { n } = data as { n: number };
      calls.push({ n, end: () => resolve(n * 10), fail: reject });
    });
  const transactions: Transactions = {
    async run(batch, message: Envelope, work) {
      batches.push(batch);
      if (applied.has(message.id)) throw new BatchConflict('seen', [`shop/${message.id}`]);
      const answer = await work('the transaction');
      await bench.store.commit(batch);
      applied.add(message.id);
      return answer;
    },
  };
  const bench: ConsumerBench = new ConsumerBench([transactional(contract, {}, run)], {
    transactions,
  });
  await bench.start();
  return { bench, calls, batches };
}
const add = (n: number, id = 'a') => Add({ id, n });

describe('a handler in a transaction', () => {
  it('is called for one message of a key at a time, and for others meanwhile', async () => {
    const { bench, calls } = await benchOf();
    const [first] = [bench.deliver(add(1)), bench.deliver(add(2)), bench.deliver(add(3, 'b'))];
    await bench.quiet();
    expect(calls.map(({ n }) => n)).toEqual([1, 3]);
    calls[0]?.end();
    await bench.quiet();
    expect([calls.map(({ n }) => n), first?.acked()]).toEqual([[1, 3, 2], true]);
  });

  it('keeps its message however long it takes: nothing is deferred meanwhile', async () => {
    const { bench, calls } = await benchOf();
    const delivery = bench.deliver(add(1));
    await bench.quiet();
    await bench.passEach(2_000, 60_000);
    expect([calls.length, delivery.acked(), bench.batches]).toEqual([1, false, []]);
    calls[0]?.end();
    await bench.quiet();
    expect(delivery.acked()).toBe(true);
  });

  it('fences its transaction, and writes the message once into the inbox', async () => {
    const { bench, calls, batches } = await benchOf();
    bench.deliver(add(1));
    await bench.quiet();
    calls[0]?.end();
    await bench.quiet();
    expect(batches).toMatchObject([
      {
        fences: [{ group: 'shop', partition: 0 }],
        inbox: [{ group: 'shop', outcome: 'applied', first: true, key: 'a' }],
        undefer: [],
      },
    ]);
  });

  it('is not called for a message that was handled before', async () => {
    const { bench, calls } = await benchOf();
    const id = newId(bench.clock.now());
    bench.deliver(add(1), { id });
    await bench.quiet();
    calls[0]?.end();
    await bench.quiet();
    const again = bench.deliver(add(1), { id });
    await bench.quiet();
    expect([calls.length, again.acked()]).toEqual([1, true]);
  });

  it('is called again after a failure, before what follows on its key', async () => {
    const { bench, calls, batches } = await benchOf();
    bench.deliver(add(1));
    bench.deliver(add(2));
    await bench.quiet();
    calls[0]?.fail(new Error('not now'));
    await bench.quiet();
    await bench.passEach(100, 100);
    expect(calls.map(({ n }) => n)).toEqual([1, 1]);
    expect(batches[1]).toMatchObject({ inbox: [{ first: false, attempt: 1 }] });
    expect(batches[1]?.undefer).toHaveLength(1);
    calls[1]?.end();
    await bench.passEach(0, 1_000);
    expect(calls.map(({ n }) => n)).toEqual([1, 1, 2]);
  });

  it('answers a caller with what it returns', async () => {
    const { bench, calls } = await benchOf(AddHere);
    const answer = bench.consumer.submit(AddHere({ id: 'a', n: 4 }));
    await bench.quiet();
    calls[0]?.end();
    expect(await answer).toBe(40);
  });

  it('is refused where the storage has no transactions', () => {
    const handler = transactional(Add, {}, async () => undefined);
    expect(() => new ConsumerBench([handler])).toThrow(
      'shop.add is handled in a transaction, which this storage does not offer',
    );
  });
});
