import { describe, expect, it } from '@jest/globals';
import { command, local, newId } from '@waybill/message';
import { z } from 'zod';
import { on } from './handler.ts';
import { appendOnlyTable, stateTable } from './state.ts';
import { BatchConflict } from './store.ts';
import { ConsumerBench, type TestDelivery } from './testing/consumer-bench.ts';
import { randomFrom } from './testing/random.fixture.ts';
import { seeds } from './testing/seeds.config.ts';

const schema = z.strictObject({ id: z.string(), n: z.int() });
const kept = { key: (data: { id: string }) => data.id, summary: 'for tests', schema };
const Add = command('shop.add', { ...kept, retry: 'unbounded' });
const CallAdd = command('shop.call-add', { ...kept, retry: 'unbounded' });
const AddHere = local('shop.add-here', kept);
const counters = stateTable<{ id: string; total: number }>({
  table: 'counters',
  id: 'id',
});
const log = appendOnlyTable<{ id: string; n: number }>('log');

/** A consumer with faults: calls and decisions fail, calls hang, commits fail, have an unknown outcome, come late or lose a race. */
class Unruly {
  calm = false;
  readonly hanging: (() => void)[] = [];
  readonly bench: ConsumerBench;
  private readonly sent = new Map<string, number[]>();
  private handed: { readonly hand: () => TestDelivery; readonly copies: TestDelivery[] }[] = [];
  private n = 0;

  constructor(readonly random: () => number) {
    const decide = (
      counter: { total: number } | undefined,
      { id, n }: { id: string; n: number },
    ) => {
      if (this.chance(0.15)) throw new Error('not yet');
      return {
        changes: [counters.put({ id, total: (counter?.total ?? 0) + 1 }), log.entry({ id, n })],
      };
    };
    const state = ({ id }: { id: string }) => id;
    this.bench = new ConsumerBench(
      [
        on(Add, counters, { state, decide }),
        on(AddHere, counters, { state, decide: (counter) => ({ answer: counter }) }),
        on(CallAdd, counters, { state, decide, call: () => this.callService() }),
      ],
      { random, batchSize: 1 + Math.floor(random() * 4), deferCallsAfter: 300 },
    );
    const commit = this.bench.store.commit.bind(this.bench.store);
    this.bench.store.commit = async (batch) => {
      if (this.chance(0.1)) throw gone();
      if (this.chance(0.1)) throw new BatchConflict('serialization');
      if (this.chance(0.1)) {
        const executed = () => void commit(batch).catch(() => undefined);
        this.bench.clock.after(random() * 8_000, executed);
        throw gone();
      }
      const committed = await commit(batch);
      if (this.chance(0.1)) throw gone();
      return committed;
    };
  }

  deliver(): void {
    const id = `k${Math.floor(this.random() * 3)}`;
    this.n += 1;
    this.sent.set(id, [...(this.sent.get(id) ?? []), this.n]);
    const message = (this.random() < 0.7 ? CallAdd : Add)({ id, n: this.n });
    const messageId = newId(this.bench.clock.now());
    const hand = () => this.bench.deliver(message, { id: messageId });
    this.handed.push({ hand, copies: [hand()] });
    if (this.random() < 0.1) hand();
  }

  /** The partition goes to another owner and comes back; unacked messages are delivered again, in order. */
  async losePartition(): Promise<void> {
    const listener = this.bench.listenerOf('shop');
    listener.revoked([0]);
    for (let turn = this.random() * 5; turn > 0; turn -= 1)
      await new Promise((resolve) => setImmediate(resolve));
    const assigned = listener.assigned([0]);
    for (let turn = 0; turn < 5; turn += 1) await this.bench.pass(100);
    await assigned;
    this.handed = this.handed.filter(({ copies }) => !copies.some((copy) => copy.acked()));
    for (const { hand, copies } of this.handed) copies.push(hand());
  }

  call(): void {
    const id = `k${Math.floor(this.random() * 3)}`;
    this.bench.consumer.submit(AddHere({ id, n: 0 })).catch(() => undefined);
  }

  expected(): Record<string, number[]> {
    return Object.fromEntries([...this.sent].sort());
  }

  entered(): Record<string, number[]> {
    const found = new Map<string, number[]>();
    for (const { row } of this.bench.store.entries) {
      const { id, n } = row as { id: string; n: number };
      found.set(id, [...(found.get(id) ?? []), n]);
    }
    return Object.fromEntries([...found].sort());
  }

  private chance(of: number): boolean {
    return !this.calm && this.random() < of;
  }

  private callService(): Promise<undefined> {
    if (this.chance(0.2)) return Promise.reject(new Error('no answer'));
    if (!this.chance(0.4)) return Promise.resolve(undefined);
    const answered = !this.chance(0.5);
    return new Promise((resolve, reject) =>
      this.hanging.push(() => (answered ? resolve(undefined) : reject(new Error('no answer')))),
    );
  }
}

const gone = () => Object.assign(new Error('gone'), { code: '57P01' });

describe.each([false, true])('whatever fails (partitions are lost: %s)', (losesPartitions) => {
  it.each(seeds(12, 60))(
    'every message has its effect once and in the order of its key (seed %d)',
    async (seed) => {
      const unruly = new Unruly(randomFrom(seed));
      const { bench, random, hanging } = unruly;
      await bench.start();
      for (let step = 0; step < 60; step += 1) {
        const what = random();
        if (what < 0.6) unruly.deliver();
        else if (what < 0.7) unruly.call();
        else if (what < 0.84) hanging.shift()?.();
        else if (what < 0.87 && losesPartitions) await unruly.losePartition();
        else await bench.pass(Math.floor(random() * 1_500));
        if (random() < 0.4) await bench.quiet();
      }
      unruly.calm = true;
      for (let i = 0; i < 60; i += 1) {
        for (const settle of hanging.splice(0)) settle();
        await bench.pass(10_000);
      }
      expect(unruly.entered()).toEqual(unruly.expected());
      expect(bench.store.deferred.size).toBe(0);
      if (!losesPartitions) expect(bench.open()).toBe(0);
      const commits = bench.store.commits;
      for (const id of ['k0', 'k1', 'k2']) bench.deliver(Add({ id, n: 1_000 }));
      await bench.quiet();
      expect(bench.store.commits - commits).toBeLessThanOrEqual(3);
      expect(bench.store.deferred.size).toBe(0);
    },
  );
});
