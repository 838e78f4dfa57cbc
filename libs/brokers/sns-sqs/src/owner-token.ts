import { randomUUID } from 'node:crypto';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import type { Connection } from './connection.ts';
import { isStale } from './hand.ts';
import { isNudge, nudge } from './nudge.ts';
import type { Queue } from './queues.ts';

/** SQS keeps no message in hand for more than twelve hours. */
const longestLease = 11 * 3_600_000;
const counts = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

/**
 * Who owns a group: SQS assigns nothing, so the holder of one message does. It lies in a FIFO queue of its own, is held
 * by extending its visibility, and comes back when its holder dies. All tokens of a queue have one message group, so a
 * second one that was sent by mistake is not handed out while the first is held.
 */
export class OwnerToken {
  constructor(
    private readonly connection: Connection,
    private readonly queue: Queue,
    private readonly leaseSeconds: number,
  ) {}

  /** Waits for the token at most so many seconds; null when it did not come. */
  async take(waitSeconds: number): Promise<Lease | null> {
    const { Messages = [] } = await this.connection.polls.send(
      new ReceiveMessageCommand({
        QueueUrl: this.queue.url,
        MaxNumberOfMessages: 1,
        WaitTimeSeconds: waitSeconds,
        VisibilityTimeout: this.leaseSeconds,
        MessageAttributeNames: ['All'],
      }),
    );
    this.connection.worked();
    const [token] = Messages;
    if (!token) await this.putIfNone();
    else if (isNudge(token)) await this.#delete(token);
    else return this.#begin(token);
    return null;
  }

  /** Puts the token there if there is none: at first, and when it grew older than SQS keeps messages. */
  async putIfNone(): Promise<void> {
    const { url } = this.queue;
    const { Attributes = {} } = await this.connection.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...counts] }),
    );
    if (counts.some((name) => Number(Attributes[name] ?? 0) > 0)) return;
    await this.connection.sqs.send(
      new SendMessageCommand({
        QueueUrl: url,
        MessageBody: 'Whoever holds this message owns the group.',
        MessageGroupId: 'owner',
        MessageDeduplicationId: randomUUID(),
      }),
    );
  }

  /** Wakes one that waits for the token, perhaps us. */
  nudge(): Promise<void> {
    return nudge(this.connection, this.queue);
  }

  async #begin({ ReceiptHandle = '' }: Message): Promise<Lease | null> {
    const lease = new Lease(this.connection, this.queue, ReceiptHandle, this.leaseSeconds);
    return (await lease.begin()) ? lease : null;
  }

  async #delete({ ReceiptHandle }: Message): Promise<void> {
    const { sqs } = this.connection;
    await sqs.send(new DeleteMessageCommand({ QueueUrl: this.queue.url, ReceiptHandle }));
  }
}

/** The token in hand. */
export class Lease {
  /** Resolves when the token is no longer ours. */
  readonly lost: Promise<void>;
  #lose: () => void = () => undefined;
  #over = false;
  readonly #since = performance.now();
  #until = 0;
  #timer: NodeJS.Timeout | undefined;
  #deadline: NodeJS.Timeout | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly queue: Queue,
    private readonly handle: string,
    private readonly seconds: number,
  ) {
    this.lost = new Promise((resolve) => {
      this.#lose = () => {
        this.#over = true;
        clearTimeout(this.#timer);
        clearTimeout(this.#deadline);
        resolve();
      };
    });
  }

  /** Counts the lease from before the first extension: when the token was handed out nobody here knows. */
  async begin(): Promise<boolean> {
    if (await this.#extend()) this.#schedule();
    else this.#lose();
    return !this.#over;
  }

  /** Lets the next consumer have it at once. */
  async release(): Promise<void> {
    if (this.#over) return;
    this.#lose();
    await this.#hold(0).catch(() => undefined);
  }

  #schedule(): void {
    this.#timer = setTimeout(() => void this.#renew(), (this.seconds * 1_000) / 3);
    this.#timer.unref();
  }

  async #renew(): Promise<void> {
    const kept = await this.#extend().catch((error: unknown) => {
      this.connection.failed('keeping the ownership of a group', error);
      return performance.now() < this.#until;
    });
    if (this.#over) return;
    const old = performance.now() - this.#since > longestLease;
    if (old) await this.release();
    else if (kept) this.#schedule();
    else this.#lose();
  }

  /** False when the token came to somebody else, or may have: a process that stood still cannot know. */
  async #extend(): Promise<boolean> {
    const asked = performance.now();
    if (this.#until > 0 && asked > this.#until) return false;
    const { Failed: [failure] = [] } = await this.#hold(this.seconds);
    if (failure && isStale(String(failure.Code))) return false;
    if (failure) throw new Error(`the token of ${this.queue.name}: ${failure.Code}`);
    if (this.#over) return false;
    this.#until = asked + this.seconds * 900;
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#lose(), this.#until - performance.now());
    this.#deadline.unref();
    return true;
  }

  #hold(VisibilityTimeout: number) {
    const Entries = [{ Id: 'token', ReceiptHandle: this.handle, VisibilityTimeout }];
    return this.connection.sqs.send(
      new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.queue.url, Entries }),
    );
  }
}
