import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
} from '@aws-sdk/client-sqs';
import { Batches } from './batches.ts';
import type { Connection } from './connection.ts';
import type { Queue } from './queues.ts';

/** A message in the hand of a consumer. */
export interface Held {
  readonly id: string;
  readonly handle: string;
  readonly queue: Queue;
  /** When the receive answered, by the clock that never goes back. */
  readonly since: number;
  /** Milliseconds since the epoch when it was sent. */
  readonly sentAt: number;
  /** Called when it comes again, because it was held too long or its visibility could not be extended. */
  readonly lose: () => void;
}

interface Change {
  readonly handle: string;
  readonly seconds: number;
}

/**
 * What one consumer holds of a queue: extends its visibility at a third of the time, deletes what is done, gives back
 * what is not. Deletes and changes go in batches, and single failures of a batch are said again.
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

  /** When the oldest message in hand was sent; undefined when the hand is empty. */
  get oldest(): number | undefined {
    const times = [...this.#held.values()].map(({ sentAt }) => sentAt);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** Takes a message; one that is in hand already was handed out twice, and the first is lost. */
  take(held: Held): void {
    this.#held.get(held.id)?.lose();
    this.#held.set(held.id, held);
  }

  /** It is done. Also works for one that is no longer in hand, if the queue still knows its handle. */
  finish(held: Held): void {
    this.#release(held);
    void this.#deletes.add(held.handle);
  }

  /** It is not done: the queue hands it out again. */
  giveBack(held: Held): Promise<unknown> {
    this.#release(held);
    return this.#changes.add({ handle: held.handle, seconds: 0 });
  }

  /** Throws away a message that was never handed over. */
  discard({ ReceiptHandle = '' }: Message): void {
    void this.#deletes.add(ReceiptHandle);
  }

  /** Gives back a message that was never handed over. */
  refuse({ ReceiptHandle = '' }: Message): Promise<unknown> {
    return this.#changes.add({ handle: ReceiptHandle, seconds: 0 });
  }

  /** Loses all: they come again, to whoever owns the group by then. */
  drop(): void {
    for (const held of [...this.#held.values()]) this.#lose(held);
    clearInterval(this.#watch);
  }

  /** Gives back all, and resolves when the queue knows it. */
  async empty(): Promise<void> {
    clearInterval(this.#watch);
    const back = [...this.#held.values()].map((held) => {
      held.lose();
      return this.giveBack(held);
    });
    await Promise.all(back);
    await this.#deletes.flushed();
  }

  /** Resolves when nothing is in hand. */
  whenIdle(): Promise<void> {
    if (this.#held.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
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

/** The queue knows the handle no more: the message is out of our hands. */
export const isStale = (code: string): boolean =>
  /ReceiptHandleIsInvalid|MessageNotInflight|InvalidParameterValue|QueueDoesNotExist|NonExistent/.test(
    code,
  );
