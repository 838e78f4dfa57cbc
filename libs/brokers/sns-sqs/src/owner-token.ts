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

/** SQS limits a delivery to twelve hours. */
const longestLease = 11 * 3_600_000;
const counts = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

/**
 * Ownership of a group. SQS assigns no owner, so the holder of one message is the owner. The message is in a FIFO queue
 * of its own; its holder keeps extending its visibility, and it reappears when the holder dies. All tokens of a queue
 * share one message group, so a second token, sent by mistake, is not delivered while the first is held.
 */
export class OwnerToken {
  constructor(
    private readonly connection: Connection,
    private readonly queue: Queue,
    private readonly leaseSeconds: number,
  ) {}

  /** Waits up to `waitSeconds` for the token; null if it did not arrive. */
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

  /** Adds the token if there is none: initially, and when it exceeded the retention of SQS. */
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

  /** Wakes a process that waits for the token, possibly this one. */
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

/** Holds the token. */
export class Lease {
  /** Resolves when this process no longer holds the token. */
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

  /** Counts the lease from before the first extension, because the time of delivery is unknown here. */
  async begin(): Promise<boolean> {
    if (await this.#extend()) this.#schedule();
    else this.#lose();
    return !this.#over;
  }

  /** Returns the token, so the next consumer can take it at once. */
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

  /** False if another process has the token, or may have it: a process that was frozen cannot know. */
  async #extend(): Promise<boolean> {
    const requested = performance.now();
    if (this.#until > 0 && requested > this.#until) return false;
    const { Failed: [failure] = [] } = await this.#hold(this.seconds);
    if (failure && isStale(String(failure.Code))) return false;
    if (failure) throw new Error(`the token of ${this.queue.name}: ${failure.Code}`);
    if (this.#over) return false;
    this.#until = requested + this.seconds * 900;
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
