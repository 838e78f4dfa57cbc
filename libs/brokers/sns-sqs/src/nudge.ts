import { randomUUID } from 'node:crypto';
import { type Message, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Connection } from './connection.ts';
import type { Queue } from './queues.ts';

const attribute = 'nudge';

/**
 * Sends a message that means nothing, so that a receive that waits returns now. A receive must not be broken off: the
 * server may have put a message into its answer, which would then be invisible for a while.
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

/** Whether a message is such a one; it is deleted by whoever gets it. */
export const isNudge = (message: Message): boolean =>
  message.MessageAttributes?.[attribute] !== undefined;
