import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Kafka, logLevel, type Message, type Producer } from 'kafkajs';
import { type KafkaBroker, kafkaBroker } from './kafka-broker.ts';
import { behindProxy, forgetNamespaces, freshNamespace } from './testing/kafka-under-test.ts';
import {
  channel,
  groupOf,
  messageOf,
  publishSafely,
  Recorder,
  until,
} from './testing/listening.ts';

const server = process.env['KAFKA_BROKERS'] ?? '';
afterAll(() => forgetNamespaces(server), 30_000);
let namespace: string;
let broker: KafkaBroker;
let foreign: Producer | undefined;
let listener: Recorder;

beforeEach(async () => {
  namespace = freshNamespace();
  broker = kafkaBroker({ service: 'test', brokers: server, namespace });
  await broker.declare([groupOf('orders', 1)]);
  listener = new Recorder();
  await broker.subscribe('orders', listener);
  const kafka = new Kafka({ brokers: server.split(','), logLevel: logLevel.NOTHING });
  foreign = kafka.producer();
  await foreign.connect();
}, 30_000);

afterEach(async () => {
  await Promise.all([broker.close(), foreign?.disconnect()]);
}, 30_000);

const send = (message: Message) =>
  foreign?.send({ topic: `${namespace}.${channel}`, messages: [message] });

describe('records of a foreign client', () => {
  it.each<[string, Message, string]>([
    ['bad JSON', { key: 'a', value: '{"half":' }, '{"half":'],
    ['no JSON object', { key: 'a', value: '[1,2]' }, '[1,2]'],
    ['a tombstone', { key: 'a', value: null }, ''],
    ['no key and no headers', { key: null, value: '{"id":7}' }, '{"id":7}'],
    ['bytes that are no UTF-8', { value: Buffer.from([0xff, 0xfe, 0x41]) }, '\ufffd\ufffdA'],
    [
      'forged headers',
      {
        value: 'x',
        headers: { 'routing-key': ['a', 'b'], attributes: '{"a":', 'expires-at': 'never', id: '' },
      },
      'x',
    ],
    [
      'oversized headers',
      { value: 'y', headers: { 'routing-key': 'a.'.repeat(100_000), more: 'z'.repeat(500_000) } },
      'y',
    ],
  ])(
    'are handed over as they are, and do not hold up the next: %s',
    async (_, message, body) => {
      await send(message);
      await publishSafely(broker, [messageOf('next', 'a')]);
      await until(() => listener.came.length === 2);
      expect(listener.bodies()[0]).toBe(body);
      const { delivery } = listener.came[0] as (typeof listener.came)[number];
      const original = Buffer.from(delivery.bytes ?? delivery.body);
      expect(original.equals(Buffer.from(message.value ?? ''))).toBe(true);
      expect(JSON.parse(listener.bodies()[1] ?? '').data).toEqual({ name: 'next' });
    },
    30_000,
  );

  it('of ten megabytes are refused by the topic, and the next is handed over', async () => {
    const huge = { key: 'a', value: Buffer.alloc(10 * 1024 * 1024, 'x') };
    await expect(send(huge)).rejects.toThrow(/larger|too large/i);
    await publishSafely(broker, [messageOf('next', 'a')]);
    await until(() => listener.came.length === 1);
  }, 30_000);

  it('in a transaction that is aborted are not handed over, and do not hold up the next', async () => {
    const kafka = new Kafka({ brokers: server.split(','), logLevel: logLevel.NOTHING });
    const producer = kafka.producer({ transactionalId: namespace, maxInFlightRequests: 1 });
    await producer.connect();
    try {
      const transaction = await producer.transaction();
      await transaction.send({ topic: `${namespace}.${channel}`, messages: [{ value: 'no' }] });
      await transaction.abort();
    } finally {
      await producer.disconnect();
    }
    await publishSafely(broker, [messageOf('next', 'a')]);
    await until(() => listener.came.length === 1);
    expect(JSON.parse(listener.bodies()[0] ?? '').data).toEqual({ name: 'next' });
  }, 30_000);
});

describe('a message of two mebibytes', () => {
  it('arrives, and so do a hundred small ones around it', async () => {
    const { envelope } = messageOf('large', 'a');
    const body = JSON.stringify({ text: 'x'.repeat(2 * 1024 * 1024) });
    const small = (n: number) => messageOf(`${n}`, 'a');
    const before = Array.from({ length: 50 }, (_, n) => small(n));
    const after = Array.from({ length: 50 }, (_, n) => small(50 + n));
    await publishSafely(broker, [...before, { channel, envelope, body }, ...after]);
    await until(() => listener.came.length === 101);
    expect(listener.bodies()[50] === body).toBe(true);
  }, 30_000);
});

describe('what is much to send', () => {
  it.each([
    ['is compressed on its way to Kafka', {}, (bytes: number) => bytes < 200_000],
    [
      'is not, where that is switched off',
      { compressFrom: 10_000_000 },
      (bytes: number) => bytes > 1_000_000,
    ],
  ])(
    '%s, and arrives as it was',
    async (_, options, isExpected) => {
      const { broker: sender, proxy } = await behindProxy(server, { namespace, ...options });
      try {
        await sender.declare([groupOf('orders', 1)]);
        const { envelope } = messageOf('large', 'a');
        const body = JSON.stringify({ text: 'x'.repeat(1024 * 1024) });
        await publishSafely(sender, [{ channel, envelope, body }]);
        await until(() => listener.came.length === 1);
        expect(listener.bodies()[0] === body).toBe(true);
        expect(isExpected(proxy.bytes)).toBe(true);
      } finally {
        await sender.close();
        await proxy.close();
      }
    },
    30_000,
  );
});
