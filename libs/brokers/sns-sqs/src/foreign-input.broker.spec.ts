import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Names } from './names.ts';
import { access, serverAddress } from './testing/server-address.config.ts';
import { type SnsSqsUnderTest, withBroker } from './testing/sns-sqs-under-test.ts';

const clients: SQSClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});

/** A foreign client that only knows the queue. */
async function foreigner(under: SnsSqsUnderTest) {
  const sqs = new SQSClient({ ...access, endpoint: serverAddress, useQueueUrlAsEndpoint: false });
  clients.push(sqs);
  const QueueName = new Names(under.namespace).queue('orders', true);
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
  let n = 0;
  return async (MessageBody: string, attributes: Readonly<Record<string, string>> = {}) => {
    n += 1;
    const MessageAttributes = Object.fromEntries(
      Object.entries(attributes).map(([name, StringValue]) => [
        name,
        { DataType: 'String', StringValue },
      ]),
    );
    const fifo = { MessageGroupId: 'foreign', MessageDeduplicationId: `${n}` };
    const message = { QueueUrl, MessageBody, MessageAttributes, ...fifo };
    await sqs.send(new SendMessageCommand(message));
  };
}

const notification = JSON.stringify({
  Type: 'Notification',
  MessageId: 'x',
  TopicArn: 'arn:aws:sns:eu-central-1:000000000000:other',
  Message: '{"id":"x"}',
});
const many = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`a${n}`, 'x']));
const inputs: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
  ['half JSON', '{"half":', {}],
  ['JSON that is no envelope', '[1,2,3]', {}],
  ['what SNS wraps when delivery is not raw', notification, {}],
  ['256 KiB', 'x'.repeat(256 * 1024), {}],
  ['ten attributes', 'many', many],
  ['a mark that is no JSON', 'mark', { waybill: '{' }],
  ['a mark of wrong types', 'types', { waybill: '{"channel":7,"key":{}}' }],
  ['a mark with a date that is none', 'date', { waybill: mark({ expiresAt: 'soon' }) }],
  ['base64 that is none', '%%%', { waybill: mark({ encoding: 'base64' }) }],
  ['a channel without a subscriber', 'elsewhere', { waybill: mark({ channel: 'no.events' }) }],
  ['an overflow without attributes', 'over', { waybill: mark({ attributes: 7 }), overflow: 'yes' }],
];

function mark(more: object): string {
  return JSON.stringify({ channel: 'shop.events', key: 'k', ...more });
}

describe('what a foreign client sends straight into a queue', () => {
  it.each(inputs)(
    'is handed over, and does not hold up what follows: %s',
    (_, body, attributes) =>
      withBroker(serverAddress, async (scene, under) => {
        await scene.group('orders');
        const consumer = await scene.consumer('orders');
        const send = await foreigner(under);
        await send(body, attributes);
        await send('next');
        await scene.until(() => consumer.bodies().includes('next'));
        expect(consumer.deliveries.length).toBe(2);
        expect(
          consumer.deliveries.every(({ partition }) => consumer.partitions.has(partition)),
        ).toBe(true);
        if (!attributes['waybill']?.includes('base64')) expect(consumer.bodies()[0]).toBe(body);
      })(),
    30_000,
  );
});
