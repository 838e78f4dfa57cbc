import { describe, expect, it } from '@jest/globals';
import { encode, event, newId, wrap } from '@waybill/message';
import { z } from 'zod';
import { BatchConsumerRunner, type FailedMessage } from './batch-consumer-runner.ts';
import type { Delivery } from './broker.ts';
import { type BatchConsumer, batchConsumer } from './handler.ts';
import { silentObserver } from './observer.ts';
import { HandClock } from './testing/hand-clock.ts';

const options = { schema: z.strictObject({ n: z.int() }), key: () => 'k', summary: 'for tests' };
const Sold = event('shop.sold', options);
const SoldNewly = event('shop.sold', { ...options, version: 2 });
const Bought = event('shop.bought', options);

/** A batch consumer that gathers for 200 ms; `acked` holds the numbers of deliveries, in order of arrival. */
function scene(write: BatchConsumer['write'] = async (batch) => batch.map(({ id }) => ({ id }))) {
  const clock = new HandClock();
  const written: unknown[] = [];
  const deadLettered: FailedMessage[] = [];
  const acked: number[] = [];
  const finished: string[] = [];
  const runner = new BatchConsumerRunner(
    batchConsumer(Sold, {
      group: 'mail',
      linger: 200,
      write: async (batch) => {
        written.push(...batch.map(({ data }) => (data as { n: number }).n));
        return write(batch);
      },
    }),
    {
      broker: 'embedded',
      clock,
      random: () => 0.5,
      deadLetter: async (failedMessage) => void deadLettered.push(failedMessage),
      observer: {
        ...silentObserver,
        finished: ({ outcome, failure, retried }) =>
          finished.push([outcome, failure, ...(retried ? ['retried'] : [])].join(' ')),
      },
    },
  );
  let deliveries = 0;
  const deliver = (contract: typeof Sold, n: number, more: Partial<Delivery> & object = {}) => {
    const number = deliveries;
    deliveries += 1;
    const id = newId(clock.now());
    const cause = { id, correlationId: id, traceparent: null };
    const wrapped = wrap(contract({ n }), { cause, source: 'shop', now: clock.now(), name: 'x' });
    runner.deliver({
      channel: 'shop.events',
      body: encode(wrapped),
      partition: 0,
      redelivered: false,
      ack: () => acked.push(number),
      giveBack: () => undefined,
      ...more,
    });
  };
  const pass = async (ms: number) => {
    clock.advance(ms);
    for (let turn = 0; turn < 5; turn += 1) await new Promise((next) => setImmediate(next));
  };
  return { runner, deliver, pass, written, deadLettered: deadLettered, acked, finished };
}
const codeOf = ({ error }: FailedMessage) => (error as { code?: string }).code;

describe('a batch consumer', () => {
  it('does not write what its broker gave up, another type, or a version that it does not know', async () => {
    const { deliver, pass, written, deadLettered, acked } = scene();
    deliver(Sold, 1, { gaveUp: 'received 50 times' });
    deliver(Bought, 2);
    deliver(SoldNewly, 3);
    deliver(Sold, 4);
    await pass(200);
    expect(deadLettered.map(codeOf)).toEqual(['given_up', 'unknown_type', 'unknown_version']);
    expect([written, acked]).toEqual([[4], [0, 1, 2, 3]]);
  });

  it('leaves what it has not written of a partition to its next owner', async () => {
    const { runner, deliver, pass, written, acked } = scene();
    for (const partition of [0, 1, 2]) deliver(Sold, partition, { partition });
    runner.revoked([0, 2]);
    await pass(200);
    expect([written, acked]).toEqual([[1], [1]]);
  });

  it('takes a message for written when no error is told of it, be that none or null', async () => {
    const { deliver, pass, acked } = scene(async (batch) =>
      batch.map(({ id }) => ({ id, error: null })),
    );
    deliver(Sold, 1);
    await pass(200);
    expect(acked).toEqual([0]);
  });

  it('leaves what failed to the retry queue of its broker, and counts on when it comes again', async () => {
    let isAway = true;
    const held: unknown[] = [];
    const { deliver, pass, written, deadLettered, acked, finished } = scene(async (batch) => {
      if (isAway) throw new Error('not now');
      return batch.map(({ id }) => ({ id }));
    });
    const retryAfter = async (...how: unknown[]) => void held.push(how);
    const tried = { attempts: 2, firstAt: '2026-01-01T00:00:00.000Z' };
    deliver(Sold, 1, { tried, retryAfter });
    await pass(200);
    expect(held).toEqual([[expect.any(Number), { ...tried, attempts: 3 }]]);
    isAway = false;
    await pass(60_000);
    expect([written, acked, deadLettered]).toEqual([[1], [], []]);
    deliver(Sold, 1, { tried: { ...tried, attempts: 3 }, retryAfter });
    await pass(200);
    expect([acked, finished]).toEqual([[1], ['parked failed retried', 'applied  retried']]);
  });

  it('keeps what failed while its broker cannot store it', async () => {
    let failures = 1;
    const { deliver, pass, written, acked } = scene(async (batch) => {
      failures -= 1;
      if (failures >= 0) throw new Error('not now');
      return batch.map(({ id }) => ({ id }));
    });
    deliver(Sold, 1, { retryAfter: () => Promise.reject(new Error('the broker is away')) });
    await pass(200);
    await pass(60_000);
    await pass(200);
    expect([written, acked]).toEqual([[1, 1], [0]]);
  });

  it('reports what failed, what was tried again, and what was malformed', async () => {
    let failures = 1;
    const { deliver, pass, finished } = scene(async (batch) => {
      failures -= 1;
      if (failures >= 0) throw new Error('not now');
      return batch.map(({ id }) => ({ id }));
    });
    deliver(Sold, 1);
    deliver(Sold, 2, { body: '{' });
    await pass(200);
    await pass(60_000);
    await pass(200);
    expect(finished).toEqual(['dead malformed', 'parked failed', 'applied  retried']);
  });

  it('says of a dead letter whether it was one before', async () => {
    const never = Object.assign(new Error('never'), { retriable: false });
    const { deliver, pass, deadLettered } = scene(() => Promise.reject(never));
    deliver(Sold, 1, { redriven: true } as object);
    deliver(Sold, 2);
    await pass(200);
    expect(deadLettered.map(({ redriven }) => redriven)).toEqual([true, undefined]);
  });
});
