import { describe, expect, it } from '@jest/globals';
import { command } from '@waybill/message';
import { z } from 'zod';
import { on } from './handler.ts';
import { appendOnlyTable, stateTable } from './state.ts';
import { ConsumerBench } from './testing/consumer-bench.ts';
import { Add, AddHere, adding, calling, entered } from './testing/counters.fixture.ts';
import { FaultOfGroup } from './testing/fault-of-group.fixture.ts';
import { randomFrom } from './testing/random.fixture.ts';

const always = { fails: true };
const held = { holds: true };

async function benchOf(handlers = [adding(Add), adding(AddHere)]) {
  const faults = new FaultOfGroup();
  const bench = await new ConsumerBench(handlers, { faults }).start();
  const set = (fault: Parameters<FaultOfGroup['set']>[0]) => faults.set(fault);
  return { bench, set };
}

describe('a fault of a group', () => {
  it('fails attempts, which are retried until it is off', async () => {
    const { bench, set } = await benchOf();
    set(always);
    const delivery = bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    expect([...bench.store.deferred.values()]).toMatchObject([{ attempt: 1, reason: 'retry' }]);
    expect(delivery.acked()).toBe(true);
    set({});
    await bench.pass(1_000);
    expect([entered(bench), bench.store.deferred.size]).toEqual([[1], 0]);
  });

  it('makes a dead letter of the last attempt', async () => {
    const { bench, set } = await benchOf();
    set(always);
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.passEach(0, 1_000, 2_000, 12_000, 80_000);
    expect(bench.store.dead).toMatchObject([{ code: 'injected_fault', attempts: 5 }]);
    expect(bench.store.deferred.size).toBe(0);
  });

  it('holds a message and those of its key, and no other key', async () => {
    const { bench, set } = await benchOf();
    set(held);
    bench.deliver(Add({ id: 'a', n: 1 }));
    bench.deliver(Add({ id: 'a', n: 2 }));
    await bench.quiet();
    expect(entered(bench)).toEqual([]);
    set({});
    bench.deliver(Add({ id: 'a', n: 3 }));
    bench.deliver(Add({ id: 'b', n: 4 }));
    await bench.quiet();
    expect(entered(bench).filter((n) => n < 4)).toEqual([1, 2, 3]);
    expect(entered(bench)).toContain(4);
  });

  it('defers a message that it holds for long, and gives its place at the broker back', async () => {
    const { bench, set } = await benchOf();
    set(held);
    const delivery = bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    await bench.pass(2_000);
    expect([delivery.acked(), bench.store.deferred.size]).toEqual([true, 1]);
    set({});
    await bench.quiet();
    expect([entered(bench), bench.store.deferred.size]).toEqual([[1], 0]);
  });

  it('strikes before an external call, which is not made then', async () => {
    const { calls, handler } = calling();
    const { bench, set } = await benchOf([handler]);
    set(always);
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    expect(calls).toEqual([]);
    set({});
    await bench.pass(1_000);
    calls[0]?.answer();
    await bench.quiet();
    expect(entered(bench)).toEqual([1]);
  });

  it('does not concern messages of callers', async () => {
    const { bench, set } = await benchOf();
    set(always);
    const answer = bench.consumer.submit<number>(AddHere({ id: 'a', n: 5 }));
    await bench.quiet();
    await expect(answer).resolves.toBe(5);
  });

  it('concerns only its group', async () => {
    const faults = new FaultOfGroup();
    const other = { ...adding(Add), options: { ...adding(Add).options, group: 'shop.other' } };
    const bench = await new ConsumerBench([adding(Add), other], { faults }).start();
    faults.set(always);
    bench.deliver(Add({ id: 'a', n: 1 }), { group: 'shop.other' });
    await bench.quiet();
    expect(entered(bench)).toEqual([1]);
  });
});

const schema = z.strictObject({ id: z.string(), n: z.int() });
const kept = { key: (data: { id: string }) => data.id, summary: 'for tests', schema };
const Keep = command('shop.keep', { ...kept, retry: 'unbounded' });
const keeps = stateTable<{ id: string; total: number }>({ table: 'keeps', id: 'id' });
const log = appendOnlyTable<{ id: string; n: number }>('log');
const keeping = on(Keep, keeps, {
  state: ({ id }) => id,
  decide: (found, { id, n }) => ({
    changes: [keeps.put({ id, total: (found?.total ?? 0) + 1 }), log.entry({ id, n })],
  }),
});

describe('faults that come and go', () => {
  it.each(Array.from({ length: 60 }, (_, i) => i + 1))(
    'lose nothing, and keep the order of each key (seed %d)',
    async (seed) => {
      const random = randomFrom(seed);
      const faults = new FaultOfGroup();
      const options = { random, faults, batchSize: 1 + Math.floor(random() * 4) };
      const bench = await new ConsumerBench([keeping], options).start();
      const sent: Record<string, number[]> = { k0: [], k1: [], k2: [] };
      for (let n = 1; n <= 60; n += 1) {
        const id = `k${Math.floor(random() * 3)}`;
        sent[id]?.push(n);
        bench.deliver(Keep({ id, n }));
        if (random() < 0.2) faults.set({ fails: random() < 0.3, holds: random() < 0.5 });
        if (random() < 0.3) await bench.quiet();
        if (random() < 0.2) await bench.pass(Math.floor(random() * 3_000));
      }
      faults.set({});
      for (let i = 0; i < 30; i += 1) await bench.pass(10_000);
      const got: Record<string, number[]> = { k0: [], k1: [], k2: [] };
      for (const { row } of bench.store.entries) {
        const { id, n } = row as { id: string; n: number };
        got[id]?.push(n);
      }
      expect(got).toEqual(sent);
      expect([bench.store.deferred.size, bench.open()]).toEqual([0, 0]);
    },
  );
});
