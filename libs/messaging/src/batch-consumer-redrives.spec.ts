import { describe, expect, it } from '@jest/globals';
import { encode, event, newId, wrap } from '@waybill/message';
import { z } from 'zod';
import { BatchConsumerRedrives, type RedrivenDelivery } from './batch-consumer-redrives.ts';
import { type DeferredRow, emptyBatch } from './store.ts';
import { HandClock } from './testing/hand-clock.ts';
import { MemoryStore } from './testing/memory-store.ts';

const Sold = event('shop.sold', {
  schema: z.strictObject({ n: z.int() }),
  key: ({ n }) => `k${n}`,
  summary: 'for tests',
});

/** A redriven dead letter of the batch consumer `mail`, and its delivery there. */
async function scene() {
  const clock = new HandClock();
  const store = new MemoryStore(() => clock.now());
  const deliveries: RedrivenDelivery[] = [];
  const troubles: unknown[] = [];
  const now = clock.now();
  const id = newId(now);
  const cause = { id, correlationId: id, traceparent: null };
  const envelope = wrap(Sold({ n: 1 }), { cause, source: 'shop', now, name: 'x' });
  const { id: messageId, key, type } = envelope;
  const place = { group: 'mail', messageId, key, channel: 'shop.events', attempt: 0 };
  const row: DeferredRow = {
    ...place,
    partition: 2,
    body: encode(envelope),
    firstAt: now.toISOString(),
    dueAt: now.toISOString(),
    reason: 'redriven',
    error: null,
  };
  const about = { source: 'shop', type, correlationId: id, causationId: null, broker: 'bench' };
  const at = now.toISOString();
  const seen = { ...place, ...about, outcome: 'parked', at, durationMs: 0, first: true } as const;
  await store.commit({ ...emptyBatch, defer: [row], inbox: [seen] });
  const redrives = new BatchConsumerRedrives({
    group: 'mail',
    partitions: 4,
    store,
    clock,
    deliver: (delivery) => deliveries.push(delivery),
    onTrouble: (error) => troubles.push(error),
  });
  const pass = async (ms: number) => {
    clock.advance(ms);
    for (let turn = 0; turn < 5; turn += 1) await new Promise((next) => setImmediate(next));
  };
  return { store, redrives, deliveries, troubles, row, seen, pass };
}

describe('a redriven dead letter of a batch consumer', () => {
  it('comes to it once, within a second, and is through when it is acked', async () => {
    const { store, redrives, deliveries, row, pass } = await scene();
    redrives.start();
    await pass(1_000);
    await pass(1_000);
    const { channel, body, partition } = row;
    expect(deliveries).toMatchObject([{ channel, body, partition, redriven: true }]);
    deliveries[0]?.ack();
    await pass(1_000);
    expect([store.deferred.size, deliveries.length]).toEqual([0, 1]);
    expect(store.inbox.get(`mail/${row.messageId}`)).toMatchObject({ outcome: 'applied' });
  });

  it('comes again when it was given back', async () => {
    const { redrives, deliveries } = await scene();
    await redrives.poll();
    deliveries[0]?.giveBack();
    await redrives.poll();
    expect(deliveries).toHaveLength(2);
  });

  it('stays what it is when it was dead-lettered again meanwhile, and comes again after its next redrive', async () => {
    const { store, redrives, deliveries, troubles, row, seen, pass } = await scene();
    await redrives.poll();
    const undefer = [{ group: 'mail', messageId: row.messageId }];
    const dead = { ...seen, outcome: 'dead', first: false } as const;
    await store.commit({ ...emptyBatch, inbox: [dead], undefer });
    deliveries[0]?.ack();
    await pass(0);
    expect(store.inbox.get(`mail/${row.messageId}`)?.outcome).toBe('dead');
    await store.commit({ ...emptyBatch, defer: [row] });
    await redrives.poll();
    expect([deliveries.length, troubles]).toEqual([2, []]);
  });

  it('waits while the database is away', async () => {
    const { store, redrives, deliveries, troubles, pass } = await scene();
    const due = store.due.bind(store);
    store.due = () => Promise.reject(new Error('gone'));
    redrives.start();
    await pass(1_000);
    store.due = due;
    await pass(1_000);
    store.failWith = () => new Error('gone');
    deliveries[0]?.ack();
    await pass(0);
    expect([deliveries.length, troubles.length]).toEqual([1, 2]);
    store.failWith = () => undefined;
    await pass(1_000);
    expect(deliveries).toHaveLength(2);
  });

  it('comes not any more when the service stops, also if it was just looked for', async () => {
    const { redrives, deliveries, pass } = await scene();
    redrives.start();
    const polled = redrives.poll();
    redrives.stop();
    await polled;
    await pass(10_000);
    expect(deliveries).toEqual([]);
  });
});
