import process from 'node:process';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import {
  type ConsumerConfig,
  Kafka,
  logLevel,
  type ProducerBatch,
  type ProducerConfig,
} from 'kafkajs';
import { type Configured, configured, found } from './configured.ts';

jest.setTimeout(120_000);

const given = {
  KAFKA_SESSION_MS: '12000',
  KAFKA_HEARTBEAT_MS: '750',
  KAFKA_REQUEST_MS: '29000',
  KAFKA_FETCH_WAIT_MS: '120',
  KAFKA_COMMIT_MS: '9876',
  KAFKA_COMPRESS_FROM: '2000',
  KAFKA_IN_FLIGHT: '3',
  KAFKA_IDEMPOTENCE: 'true',
  PREFETCH: '7',
};
const gzip = 1;
const [plainBody, longBody] = ['short', 'long '.repeat(500)];

let service: Configured;
let consumes: ConsumerConfig | undefined;
let produces: ProducerConfig | undefined;
/** What was sent, in order; held until `release`. */
const sends: ProducerBatch[] = [];
let release: () => void = () => undefined;
let held = Promise.resolve();
const intervals = jest.spyOn(globalThis, 'setInterval');

/** The options of the client, and each of its sends. */
function watchClient(): void {
  const { consumer, producer } = Kafka.prototype;
  jest.spyOn(Kafka.prototype, 'consumer').mockImplementation(function (this: Kafka, options) {
    consumes = options;
    return consumer.call(this, options);
  });
  jest.spyOn(Kafka.prototype, 'producer').mockImplementation(function (this: Kafka, options) {
    produces = options;
    const made = producer.call(this, options);
    const send = made.sendBatch;
    return Object.assign(made, {
      sendBatch: async (batch: ProducerBatch) => {
        sends.push(batch);
        await held;
        return send(batch);
      },
    });
  });
}

/** The batches of records that Kafka has, each with the id of its producer. */
async function producerIds(): Promise<readonly string[]> {
  const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const reader = kafka.consumer({ groupId: `${service.namespace}.reader` });
  const ids: string[] = [];
  try {
    await reader.connect();
    await reader.subscribe({ topic: `${service.namespace}.shop.events`, fromBeginning: true });
    await reader.run({
      eachMessage: async ({ message }) => {
        const { batchContext } = message as unknown as { batchContext: { producerId: string } };
        ids.push(batchContext.producerId);
      },
    });
    return await found(() => (ids.length >= 2 ? ids : undefined));
  } finally {
    await reader.disconnect();
  }
}

beforeAll(async () => {
  watchClient();
  service = await configured('kafka', given);
  const { scene, prefetch } = service;
  await scene.group('orders');
  const holder = await scene.holder('orders', prefetch);
  await scene.publish(scene.message('a', { body: plainBody })).settled(1);
  await scene.publish(scene.message('b', { body: longBody })).settled(1);
  await holder.received(2);
});
afterAll(async () => {
  release();
  await service.close();
  jest.restoreAllMocks();
});

it.each([
  ['KAFKA_SESSION_MS', () => consumes?.sessionTimeout, 12_000],
  ['KAFKA_HEARTBEAT_MS', () => consumes?.heartbeatInterval, 750],
  ['KAFKA_FETCH_WAIT_MS', () => consumes?.maxWaitTimeInMs, 120],
  ['KAFKA_REQUEST_MS', () => sends[0]?.timeout, 29_000],
  ['KAFKA_COMPRESS_FROM', () => sends.map(({ compression }) => compression), [0, gzip]],
  ['KAFKA_COMMIT_MS', () => intervals.mock.calls.some(([, ms]) => ms === 9_876), true],
  ['KAFKA_IDEMPOTENCE', () => produces?.idempotent, true],
])('%s is what the client uses', (_, read, effective) => {
  expect(read()).toEqual(effective);
});

it('KAFKA_IDEMPOTENCE makes Kafka know the producer of every record', async () => {
  expect(await producerIds()).toEqual([
    expect.stringMatching(/^\d+$/),
    expect.stringMatching(/^\d+$/),
  ]);
});

it('PREFETCH is how many messages a consumer holds, KAFKA_IN_FLIGHT how many requests wait for Kafka at once', async () => {
  const { scene, prefetch } = service;
  await scene.group('others');
  const holder = await scene.holder('others', prefetch);
  held = new Promise((resolve) => {
    release = resolve;
  });
  const before = sends.length;
  const partitionsOf = (batch?: ProducerBatch) =>
    batch?.topicMessages?.flatMap(({ messages }) => messages.map(({ partition }) => partition));
  const keys = Array.from({ length: 40 }, (_, n) => `key-${n}`);
  for (const key of keys) {
    scene.publish(scene.message(key));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const under = sends.slice(before);
  expect(under.length).toBe(3);
  expect(new Set(under.flatMap(partitionsOf)).size).toBe(3);
  release();
  await holder.received(7);
  await found(async () => {
    const [stats] = (await scene.broker.stats()).filter(({ group }) => group === 'others');
    return stats && stats.depth + stats.inFlight >= 40 ? stats : undefined;
  });
  expect(holder.deliveries.length).toBe(7);
});
