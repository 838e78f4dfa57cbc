import { randomUUID } from 'node:crypto';
import { type Message, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Connection } from './connection.ts';
import type { Queue } from './queues.ts';

const attribute = 'nudge';

/**
 * Sends an empty signal, so that a long-polling receive returns now. A receive must not be aborted: its response may
 * contain a message, which would then be invisible until its timeout.
 */
export async function nudge(connection: Connection, queue: Queue): Promise<void> {
  const id = randomUUID();
  await connection.sqs.send(
    new SendMessageCommand({
      QueueUrl: queue.url,
      MessageBody: 'Wakes a receive that waits; throw it away.',
      MessageAttributes: { [attribute]: { DataType: 'String', StringValue: 'yes' } },
      ...(queue.fifo ? { MessageGroupId: `nudge-${id}`, MessageDeduplicationId: id } : {}),
    }),
  );
}

/** Whether a message is such a signal; its receiver deletes it. */
export const isNudge = (message: Message): boolean =>
  message.MessageAttributes?.[attribute] !== undefined;
