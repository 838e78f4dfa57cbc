import { SubscribeCommand } from '@aws-sdk/client-sns';
import { expect, it } from '@jest/globals';
import type { Connection } from './connection.ts';
import { TemporaryQueue } from './temporary-queue.ts';

it('a topic whose subscription failed is subscribed at the next attempt', async () => {
  const subscribed: string[] = [];
  let refuse = true;
  const send = async (command: object) => {
    if (!(command instanceof SubscribeCommand)) return { QueueUrl: 'u', Attributes: {} };
    if (refuse) throw new Error('Throttled');
    subscribed.push(String(command.input.TopicArn));
    return { SubscriptionArn: 'a' };
  };
  const connection = { sns: { send }, sqs: { send } } as unknown as Connection;
  const queue = new TemporaryQueue(connection, 'name', 1, () => undefined);
  await expect(queue.receive('topic', '{}')).rejects.toThrow('Throttled');
  refuse = false;
  await queue.receive('topic', '{}');
  await queue.receive('topic', '{}');
  expect(subscribed).toEqual(['topic']);
});
