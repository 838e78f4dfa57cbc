import { paginateListSubscriptions, UnsubscribeCommand } from '@aws-sdk/client-sns';
import {
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  paginateListQueues,
} from '@aws-sdk/client-sqs';
import { type Connection, isMissing } from './connection.ts';
import type { Names } from './names.ts';

/** Milliseconds between touches of a live process's temporary queues; one untouched for three times as long is an orphan. */
export const touchEvery = 20 * 60_000;
const forgottenAfter = 3 * touchEvery;

/** Deletes temporary queues of the namespace that a killed process left, and their subscriptions; returns their number. */
export async function sweepOrphans(
  connection: Connection,
  names: Names,
  now: Date,
  olderThan = forgottenAfter,
): Promise<number> {
  const orphans = new Map<string, string>();
  const { sns, sqs } = connection;
  const listing = { QueueNamePrefix: names.temporary('', '').replace(/-+$/, '-') };
  for await (const { QueueUrls = [] } of paginateListQueues(
    { client: sqs, pageSize: 1_000 },
    listing,
  )) {
    for (const url of QueueUrls) {
      const arn = await forgotten(connection, url, now.getTime() - olderThan);
      if (arn) orphans.set(arn, url);
    }
  }
  if (orphans.size === 0) return 0;
  for await (const { Subscriptions = [] } of paginateListSubscriptions({ client: sns }, {})) {
    for (const { Endpoint = '', SubscriptionArn } of Subscriptions) {
      if (orphans.has(Endpoint)) await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    }
  }
  for (const QueueUrl of orphans.values()) await sqs.send(new DeleteQueueCommand({ QueueUrl }));
  return orphans.size;
}

/** The ARN of a queue that was not touched after `since`, else null. */
async function forgotten(
  { sqs }: Connection,
  QueueUrl: string,
  since: number,
): Promise<string | null> {
  try {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl,
        AttributeNames: ['QueueArn', 'LastModifiedTimestamp'],
      }),
    );
    const touched = Number(Attributes.LastModifiedTimestamp) * 1_000;
    return touched <= since ? (Attributes.QueueArn ?? null) : null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
