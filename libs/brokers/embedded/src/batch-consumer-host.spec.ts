import { describe, expect, it } from '@jest/globals';
import { type Envelope, encode, event, newId, wrap } from '@waybill/message';
import {
  type BatchConsumer,
  BatchConsumerHost,
  batchConsumer,
  type FailedMessage,
  oneBroker,
} from '@waybill/messaging';
import { HandClock } from '@waybill/messaging/testing';
import { z } from 'zod';
import { type EmbeddedBroker, embeddedBroker } from './embedded-broker.ts';

const Sold = event('shop.sold', {
  schema: z.strictObject({ n: z.int() }),
  key: (data) => `k${data.n}`,
  summary: 'for tests',
});
const numberOf = (envelope: Envelope): number => (envelope.data as { n: number }).n;
const quiet = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
const taken: BatchConsumer['write'] = async (batch) => batch.map(({ id }) => ({ id }));

/** A host of one batch consumer, to which a test publishes numbers. */
class BatchConsumerBench {
  readonly clock = new HandClock();
  readonly broker: EmbeddedBroker = embeddedBroker({ clock: this.clock });
  readonly batches: number[][] = [];
  readonly deadLettered: FailedMessage[] = [];
  readonly confirmed: string[] = [];
  readonly host: BatchConsumerHost;

  constructor(
    write: BatchConsumer['write'],
    deadLetter?: (failedMessage: FailedMessage) => Promise<void>,
  ) {
    const gathering = batchConsumer(Sold, {
      group: 'mail',
      linger: 200,
      size: 3,
      write: async (batch) => {
        this.batches.push(batch.map(numberOf));
        return write(batch);
      },
    });
    this.host = new BatchConsumerHost({
      brokers: oneBroker(this.broker),
      batchConsumers: [gathering],
      deadLetter: async (failedMessage) => {
        await deadLetter?.(failedMessage);
        this.deadLettered.push(failedMessage);
      },
      clock: this.clock,
      random: () => 0.5,
    });
  }

  async start(): Promise<this> {
    await this.broker.declare(this.host.groups());
    await this.host.start();
    return this;
  }

  async publish(...numbers: readonly number[]): Promise<void> {
    for (const n of numbers) {
      const id = newId(this.clock.now());
      const cause = { id, correlationId: id, traceparent: null };
      const wrapped = wrap(Sold({ n }), {
        cause,
        source: 'shop',
        now: this.clock.now(),
        name: 'x',
      });
      this.publishBytes(encode(wrapped), wrapped);
    }
    await quiet();
  }

  publishBytes(body: string, envelope: Envelope): void {
    this.broker.publish([{ channel: 'shop.events', envelope, body }], (id, error) =>
      this.confirmed.push(error ? error.message : id),
    );
  }

  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await quiet();
  }

  async waiting(): Promise<number> {
    const stats = await this.broker.stats();
    return stats.reduce((sum, { depth, inFlight }) => sum + depth + inFlight, 0);
  }
}

describe('a batch consumer', () => {
  it('writes what has gathered when the first of it has lingered', async () => {
    const bench = await new BatchConsumerBench(taken).start();
    await bench.publish(1);
    await bench.pass(150);
    await bench.publish(2);
    expect(bench.batches).toEqual([]);
    await bench.pass(50);
    expect(bench.batches).toEqual([[1, 2]]);
    expect(bench.confirmed.length).toBe(2);
  });

  it('writes a full batch at once', async () => {
    const bench = await new BatchConsumerBench(taken).start();
    await bench.publish(1, 2, 3, 4);
    expect(bench.batches).toEqual([[1, 2, 3]]);
    await bench.pass(200);
    expect(bench.batches).toEqual([[1, 2, 3], [4]]);
  });

  it('writes one batch at a time and holds two at most', async () => {
    const ends: (() => void)[] = [];
    const bench = await new BatchConsumerBench(async (batch) => {
      await new Promise<void>((resolve) => ends.push(resolve));
      return taken(batch);
    }).start();
    await bench.publish(1, 2, 3, 4, 5, 6, 7, 8);
    expect(bench.batches).toEqual([[1, 2, 3]]);
    expect((await bench.broker.stats())[0]).toMatchObject({ depth: 2, inFlight: 6 });
    ends[0]?.();
    await quiet();
    expect(bench.batches).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    ends[1]?.();
    await quiet();
    await bench.pass(200);
    ends[2]?.();
    await quiet();
    expect(await bench.waiting()).toBe(0);
  });

  it('acks what went well and tries the rest again on its schedule', async () => {
    let failures = 1;
    const bench = await new BatchConsumerBench(async (batch) =>
      batch.map((envelope) => {
        const fails = numberOf(envelope) === 2 && failures-- > 0;
        return fails ? { id: envelope.id, error: new Error('busy') } : { id: envelope.id };
      }),
    ).start();
    await bench.publish(1, 2, 3);
    expect(await bench.waiting()).toBe(1);
    await bench.pass(100);
    await bench.pass(200);
    expect(bench.batches).toEqual([[1, 2, 3], [2]]);
    expect(await bench.waiting()).toBe(0);
    expect(bench.deadLettered).toEqual([]);
  });

  it('counts a batch that throws, or of which it says nothing, as failed', async () => {
    let calls = 0;
    const bench = await new BatchConsumerBench(async () => {
      calls += 1;
      if (calls === 1) throw new Error('no server');
      return [];
    }).start();
    await bench.publish(1, 2, 3);
    await bench.pass(100);
    expect(bench.batches.length).toBe(2);
    expect(await bench.waiting()).toBe(3);
  });

  it('buries a message after five attempts, and confirms it then', async () => {
    const bench = await new BatchConsumerBench(async () => {
      throw new Error('no server');
    }).start();
    await bench.publish(1);
    for (const wait of [200, 100, 200, 1_000, 200, 10_000, 200, 60_000, 200]) {
      expect(bench.deadLettered).toEqual([]);
      await bench.pass(wait);
    }
    const from = { group: 'mail', channel: 'shop.events', broker: 'embedded' };
    expect(bench.deadLettered).toMatchObject([{ ...from, attempts: 5 }]);
    expect(bench.confirmed.length).toBe(1);
  });

  it('buries a message at once when no retry can help', async () => {
    const refused = Object.assign(new Error('no such address'), { retriable: false });
    const bench = await new BatchConsumerBench(async (batch) =>
      batch.map(({ id }) => ({ id, error: refused })),
    ).start();
    await bench.publish(1, 2, 3);
    expect(bench.deadLettered.map(({ error }) => error)).toEqual([refused, refused, refused]);
    expect(await bench.waiting()).toBe(0);
  });

  it('counts no attempt while what it needs is known to be away', async () => {
    const away = Object.assign(new Error('open'), { countsAsAttempt: false });
    const bench = await new BatchConsumerBench(async () => {
      throw away;
    }).start();
    await bench.publish(1, 2, 3);
    for (let attempt = 0; attempt < 20; attempt += 1) await bench.pass(300);
    expect(bench.batches.length).toBeGreaterThan(10);
    expect(bench.deadLettered).toEqual([]);
  });

  it('buries what it cannot read: no envelope, another version, broken data, expired', async () => {
    const bench = await new BatchConsumerBench(taken).start();
    const id = newId(bench.clock.now());
    const cause = { id, correlationId: id, traceparent: null };
    const good = wrap(Sold({ n: 1 }), { cause, source: 'shop', now: bench.clock.now(), name: 'x' });
    const expiresAt = bench.clock.now().toISOString();
    bench.publishBytes('{', good);
    bench.publishBytes(encode({ ...good, version: 2 }), good);
    bench.publishBytes(encode({ ...good, data: { n: 'x' } }), good);
    bench.publishBytes(encode({ ...good, expiresAt }), { ...good, expiresAt });
    await quiet();
    expect(bench.deadLettered.map(({ error }) => (error as Error & { code: string }).code)).toEqual(
      ['malformed_envelope', 'unknown_version', 'invalid_message', 'expired'],
    );
    expect(bench.deadLettered[0]).toMatchObject({ body: '{', envelope: null });
    expect(await bench.waiting()).toBe(0);
  });

  it('keeps a message that cannot be dead-lettered yet', async () => {
    let refusals = 1;
    const bench = await new BatchConsumerBench(
      async (batch) =>
        batch.map(({ id }) => ({
          id,
          error: Object.assign(new Error('no'), { retriable: false }),
        })),
      async () => {
        if (refusals-- > 0) throw new Error('no database');
      },
    ).start();
    await bench.publish(1);
    await bench.pass(200);
    expect([bench.deadLettered.length, await bench.waiting()]).toEqual([0, 1]);
    await bench.pass(100);
    expect([bench.deadLettered.length, await bench.waiting()]).toEqual([1, 0]);
  });

  it('writes what is in hand when it stops, and leaves the rest to the broker', async () => {
    const bench = await new BatchConsumerBench(async (batch) =>
      batch.map((envelope) =>
        numberOf(envelope) === 2
          ? { id: envelope.id, error: new Error('busy') }
          : { id: envelope.id },
      ),
    ).start();
    await bench.publish(1, 2);
    await bench.host.stop();
    expect(bench.batches).toEqual([[1, 2]]);
    const left = await bench.broker.operations.browse('mail', 'shop.events', 10);
    expect(left.map(({ body }) => JSON.parse(body).data.n)).toEqual([2]);
    await bench.publish(3);
    expect(await bench.waiting()).toBe(2);
  });

  it('takes its redriven dead letters each second, at once when it is told, and none after its end', async () => {
    const clock = new HandClock();
    let looks = 0;
    const due = async () => {
      looks += 1;
      return [];
    };
    const broker = embeddedBroker({ clock });
    const host = new BatchConsumerHost({
      brokers: oneBroker(broker),
      batchConsumers: [batchConsumer(Sold, { group: 'mail', write: taken })],
      deadLetter: async () => undefined,
      clock,
      store: { due, commit: async () => ({ outboxSeqs: [] }) },
    });
    await broker.declare(host.groups());
    await host.start();
    clock.advance(2_000);
    expect(looks).toBe(2);
    host.wake();
    expect(looks).toBe(3);
    await host.stop();
    clock.advance(10_000);
    expect(looks).toBe(3);
  });

  it('subscribes once, however often it is started', async () => {
    const bench = await new BatchConsumerBench(taken).start();
    await bench.host.start();
    await bench.publish(1);
    await bench.pass(200);
    expect(bench.batches).toEqual([[1]]);
  });

  it('has a group of its own', () => {
    const twice = batchConsumer(Sold, { group: 'mail', write: taken });
    const options = {
      brokers: oneBroker(embeddedBroker()),
      batchConsumers: [twice, twice],
      deadLetter: async () => undefined,
    };
    expect(() => new BatchConsumerHost(options)).toThrow('two batch consumers have the same group');
  });
});
