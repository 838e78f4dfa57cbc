import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { newId } from '@waybill/message';
import type { DeadRow } from '@waybill/messaging';
import { until } from '@waybill/messaging/testing';
import type { GetMessage } from 'amqplib';
import { type Foreigner, RabbitMqUnderTest } from './testing/rabbitmq-under-test.ts';

jest.setTimeout(30_000);

const letter = (of: Partial<DeadRow> = {}): DeadRow => ({
  id: newId(),
  group: 'orders',
  messageId: newId(),
  partition: 0,
  key: 'k',
  type: 'shop.add',
  channel: 'shop.commands',
  handler: 'orders:shop.add',
  body: '{"half":',
  attempts: 5,
  code: 'unreadable',
  error: 'it cannot be read',
  stack: null,
  firstAt: '2026-11-21T10:00:00.000Z',
  at: '2026-11-21T10:00:01.000Z',
  ...of,
});

describe('a copy of a dead letter in RabbitMQ', () => {
  let under: RabbitMqUnderTest;
  let foreigner: Foreigner;

  beforeEach(async () => {
    under = new RabbitMqUnderTest(process.env['RABBITMQ_URL'] ?? '');
    foreigner = await under.foreigner();
  });
  afterEach(async () => {
    await foreigner.close();
    await under.end();
  });

  const queue = (partition: number) => `${under.namespace}.orders.${partition}.dead`;

  async function opened(mirrorDeadLetters: boolean) {
    const broker = await under.open({ mirrorDeadLetters });
    await broker.declare([{ name: 'orders', kind: 'command', partitions: 2, bindings: [] }]);
    return broker;
  }

  const look = (partition: number) => foreigner.channel.get(queue(partition), { noAck: true });

  async function next(partition: number): Promise<GetMessage> {
    for (;;) {
      const found = await look(partition);
      if (found) return found;
    }
  }

  it('stands in the queue of its partition with its bytes, and says why it died', async () => {
    const broker = await opened(true);
    broker.deadLettered([letter(), letter({ partition: 1, error: 'refused', handler: null })]);
    const first = await next(0);
    expect(first.content.toString()).toBe('{"half":');
    expect(first.properties.headers).toMatchObject({
      reason: 'it cannot be read',
      code: 'unreadable',
      handler: 'orders:shop.add',
      attempts: 5,
      channel: 'shop.commands',
    });
    expect((await next(1)).properties.headers).toMatchObject({ reason: 'refused', handler: '' });
  });

  it('has the bytes also where they are no text', async () => {
    const broker = await opened(true);
    const bytes = Buffer.from([0xff, 0x00, 0x61]);
    broker.deadLettered([letter({ body: bytes.toString('utf8'), bytes })]);
    expect((await next(0)).content).toEqual(bytes);
  });

  it('comes also after the connection broke', async () => {
    const broker = await opened(true);
    broker.deadLettered([letter()]);
    await next(0);
    under.proxyOf(broker).cut();
    const second = letter();
    let found: GetMessage | false = false;
    await until(async () => {
      broker.deadLettered([second]);
      found = await look(0);
      return found !== false;
    });
    expect(found).toMatchObject({ properties: { messageId: second.id } });
  });

  it('drops the oldest of more than ten thousand', async () => {
    await opened(true);
    for (let n = 1; n <= 10_003; n += 1)
      foreigner.channel.sendToQueue(queue(0), Buffer.from(String(n)), { persistent: true });
    await foreigner.channel.waitForConfirms();
    await until(async () => (await foreigner.channel.checkQueue(queue(0))).messageCount === 10_000);
    expect((await next(0)).content.toString()).toBe('4');
  });

  it('is not made unless it is asked for', async () => {
    const broker = await opened(false);
    broker.deadLettered([letter()]);
    await expect(foreigner.channel.deleteQueue(queue(0))).resolves.toMatchObject({
      messageCount: 0,
    });
  });
});
