import { GetQueueAttributesCommand, PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { type BrokerOperations, NotSupported, type WaitingMessage } from '@waybill/messaging';
import type { Connection } from './connection.ts';
import type { Topology } from './topology.ts';

const waiting = 'ApproximateNumberOfMessages';

/** What operators may do with the queue of a group. */
export class SnsSqsOperations implements BrokerOperations {
  constructor(
    private readonly connection: Connection,
    private readonly topology: Topology,
  ) {}

  async browse(_group: string, channel: string): Promise<readonly WaitingMessage[]> {
    throw new NotSupported(
      'sns-sqs',
      `show the messages of ${channel}`,
      'it shows a message only by receiving it, which hides it from its consumer, and gives it up after some receives',
    );
  }

  /** SQS may take a minute, and counts approximately. */
  async purge(name: string, channel: string): Promise<number> {
    const { queue, selections } = this.topology.homeOf(name);
    const others = [...selections.keys()].filter((each) => each !== channel);
    if (others.length > 0)
      throw new NotSupported(
        'sns-sqs',
        `purge ${channel}`,
        `the queue of group ${name} also has the messages of ${others.join(', ')}`,
      );
    const { sqs } = this.connection;
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: [waiting] }),
    );
    await sqs.send(new PurgeQueueCommand({ QueueUrl: queue.url })).catch((error: Error) => {
      // A purge that has begun within the last minute is still under way.
      if (!/PurgeQueueInProgress/.test(error.name)) throw error;
    });
    return Number(Attributes[waiting] ?? 0);
  }

  async seek(group: string): Promise<void> {
    throw new NotSupported(
      'sns-sqs',
      `move group ${group}`,
      'its queues keep no message that was acknowledged',
    );
  }
}
