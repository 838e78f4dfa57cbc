import { randomUUID } from 'node:crypto';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import { Batches } from './batches.ts';
import type { Connection } from './connection.ts';
import { isStale } from './hand.ts';
import { Lease } from './lease.ts';
import { isNudge, nudge } from './nudge.ts';
import type { Queue } from './queues.ts';

const counts = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;
/** The most entries of one call. */
const most = 10;

/**
 * Tokens in a FIFO queue: who has received one holds it by extending its visibility, and it reappears when its holder dies. A token's
 * name is its body and its message group, so a second one of that name, sent by mistake, is not delivered while the first is held.
 */
export class Tokens {
  readonly #holds: Batches<{ readonly handle: string; readonly seconds: number }>;

  constructor(
    private readonly connection: Connection,
    private readonly queue: Queue,
    private readonly leaseSeconds: number,
  ) {
    this.#holds = new Batches(
      (entries) =>
        connection.sqs.send(
          new ChangeMessageVisibilityBatchCommand({
            QueueUrl: queue.url,
            Entries: entries.map(({ Id, value: { handle, seconds } }) => ({
              Id,
              ReceiptHandle: handle,
              VisibilityTimeout: seconds,
            })),
          }),
        ),
      isStale,
    );
  }

  /** Takes up to `wanted` tokens; waits up to `waitSeconds` for the first. */
  async take(wanted: number, waitSeconds: number): Promise<readonly Lease[]> {
    const found = await this.#receive(Math.min(wanted, most), waitSeconds);
    const tokens = found.filter((message) => !isNudge(message));
    await Promise.all(found.filter(isNudge).map((message) => this.#delete(message)));
    const leases = tokens.map((token) => this.#lease(token));
    const begun = await Promise.all(leases.map((lease) => lease.begin()));
    return leases.filter((_, at) => begun[at]);
  }

  /** Adds tokens of these names if some are missing: initially, and when they exceeded the retention of SQS. */
  async complete(names: readonly string[]): Promise<void> {
    const numbers = await this.#counts();
    if (numbers.reduce((sum, each) => sum + each, 0) < names.length) await this.add(names);
  }

  async add(names: readonly string[]): Promise<void> {
    for (let from = 0; from < names.length; from += most) {
      const Entries = names.slice(from, from + most).map((name, at) => ({
        Id: String(at),
        MessageBody: name,
        MessageGroupId: name,
        MessageDeduplicationId: randomUUID(),
      }));
      await this.connection.sqs.send(
        new SendMessageBatchCommand({ QueueUrl: this.queue.url, Entries }),
      );
    }
  }

  /** Removes those that nobody holds. */
  async removeFree(): Promise<void> {
    const free = await this.#receive(most, 0);
    await Promise.all(free.map((token) => this.#delete(token)));
  }

  /** How many are held by any process. */
  async held(): Promise<number> {
    const [, held = 0] = await this.#counts();
    return held;
  }

  /** Wakes a process that waits for a token, possibly this one. */
  nudge(): Promise<void> {
    return nudge(this.connection, this.queue);
  }

  async #receive(
    MaxNumberOfMessages: number,
    WaitTimeSeconds: number,
  ): Promise<readonly Message[]> {
    const { Messages = [] } = await this.connection.polls.send(
      new ReceiveMessageCommand({
        QueueUrl: this.queue.url,
        MaxNumberOfMessages,
        WaitTimeSeconds,
        VisibilityTimeout: this.leaseSeconds,
        MessageAttributeNames: ['All'],
      }),
    );
    this.connection.worked();
    return Messages;
  }

  #lease(token: Message): Lease {
    return new Lease(
      token,
      this.leaseSeconds,
      (handle, seconds) => this.#holds.add({ handle, seconds }),
      (error) => this.connection.failed(`keeping a token of ${this.queue.name}`, error),
    );
  }

  async #counts(): Promise<readonly number[]> {
    const { Attributes = {} } = await this.connection.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: this.queue.url, AttributeNames: [...counts] }),
    );
    return counts.map((name) => Number(Attributes[name] ?? 0));
  }

  async #delete({ ReceiptHandle }: Message): Promise<void> {
    const { sqs } = this.connection;
    await sqs.send(new DeleteMessageCommand({ QueueUrl: this.queue.url, ReceiptHandle }));
  }
}
