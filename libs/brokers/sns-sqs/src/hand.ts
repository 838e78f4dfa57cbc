import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
} from '@aws-sdk/client-sqs';
import { Batches } from './batches.ts';
import type { Connection } from './connection.ts';
import type { Queue } from './queues.ts';

/** An unsettled message. */
export interface Held {
  readonly id: string;
  readonly handle: string;
  readonly queue: Queue;
  readonly partition: number;
  /** When it was received, by the monotonic clock. */
  readonly since: number;
  /** When it was sent, in milliseconds since the epoch. */
  readonly sentAt: number;
  /** Called when it will be redelivered, because it was held too long or its visibility could not be extended. */
  readonly lose: () => void;
}

interface Change {
  readonly handle: string;
  readonly seconds: number;
}

/**
 * The unsettled messages of one queue: extends their visibility at a third of the timeout, deletes acked ones, gives
 * back others. Deletes and changes are sent in batches, and failed entries are retried.
 */
export class Hand {
  readonly #held = new Map<string, Held>();
  readonly #deletes: Batches<string>;
  readonly #changes: Batches<Change>;
  readonly #watch: NodeJS.Timeout;
  readonly #idle: (() => void)[] = [];

  constructor(
    private readonly connection: Connection,
    private readonly queue: Queue,
    private readonly visibilitySeconds: number,
    private readonly holdSeconds: number,
  ) {
    const QueueUrl = queue.url;
    this.#deletes = new Batches(
      (entries) =>
        connection.sqs.send(
          new DeleteMessageBatchCommand({
            QueueUrl,
            Entries: entries.map(({ Id, value }) => ({ Id, ReceiptHandle: value })),
          }),
        ),
      isStale,
    );
    this.#changes = new Batches(
      (entries) =>
        connection.sqs.send(
          new ChangeMessageVisibilityBatchCommand({
            QueueUrl,
            Entries: entries.map(({ Id, value }) => ({
              Id,
              ReceiptHandle: value.handle,
              VisibilityTimeout: value.seconds,
            })),
          }),
        ),
      isStale,
    );
    this.#watch = setInterval(() => this.#keep(), (visibilitySeconds * 1_000) / 3);
    this.#watch.unref();
  }

  get size(): number {
    return this.#held.size;
  }

  /** When the oldest unsettled message was sent; undefined if there is none. */
  get oldest(): number | undefined {
    const times = [...this.#held.values()].map(({ sentAt }) => sentAt);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** Adds a message. If it is already unsettled here, it was redelivered, and the earlier delivery is lost. */
  take(held: Held): void {
    this.#held.get(held.id)?.lose();
    this.#held.set(held.id, held);
  }

  /** Deletes an acked message; also works for a lost one, if the queue still accepts its handle. */
  finish(held: Held): void {
    this.#release(held);
    void this.#deletes.add(held.handle);
  }

  /** Returns a message to the queue, which redelivers it. */
  giveBack(held: Held): Promise<unknown> {
    this.#release(held);
    return this.#changes.add({ handle: held.handle, seconds: 0 });
  }

  /** Deletes a message that was never delivered. */
  discard({ ReceiptHandle = '' }: Message): void {
    void this.#deletes.add(ReceiptHandle);
  }

  /** Gives back a message that was never delivered, which is received again after so many seconds. */
  refuse({ ReceiptHandle = '' }: Message, seconds = 0): Promise<unknown> {
    return this.#changes.add({ handle: ReceiptHandle, seconds });
  }

  /** Drops the deliveries of a partition; its next owner receives them. */
  drop(partition: number): void {
    for (const held of this.#of(partition)) this.#lose(held);
  }

  /** Gives back the deliveries of a partition; resolves when the queue has processed that. */
  async empty(partition: number): Promise<void> {
    const back = this.#of(partition).map((held) => {
      held.lose();
      return this.giveBack(held);
    });
    await Promise.all(back);
    await this.#deletes.flushed();
  }

  /** Ends the extension of visibilities. */
  end(): void {
    clearInterval(this.#watch);
  }

  /** Resolves when no delivery is unsettled. */
  whenIdle(): Promise<void> {
    if (this.#held.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #of(partition: number): readonly Held[] {
    return [...this.#held.values()].filter((held) => held.partition === partition);
  }

  #keep(): void {
    const now = performance.now();
    for (const held of [...this.#held.values()]) {
      if (now - held.since >= this.holdSeconds * 1_000) {
        held.lose();
        void this.giveBack(held);
      } else void this.#extend(held);
    }
  }

  async #extend(held: Held): Promise<void> {
    const seconds = this.visibilitySeconds;
    const failure = await this.#changes.add({ handle: held.handle, seconds });
    if (failure === undefined || this.#held.get(held.id) !== held) return;
    if (isStale(String(failure))) this.#lose(held);
    else this.connection.failed(`extending a delivery of ${this.queue.name}`, failure);
  }

  #lose(held: Held): void {
    held.lose();
    this.#release(held);
  }

  #release(held: Held): void {
    if (this.#held.get(held.id) !== held) return;
    this.#held.delete(held.id);
    if (this.#held.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}

/** The queue no longer accepts the handle, so the delivery is lost. */
export const isStale = (code: string): boolean =>
  /ReceiptHandleIsInvalid|MessageNotInflight|InvalidParameterValue|QueueDoesNotExist|NonExistent/.test(
    code,
  );
