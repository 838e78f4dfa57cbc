import { randomUUID } from 'node:crypto';
import type { Message } from '@aws-sdk/client-sqs';
import type { Envelope } from '@waybill/message';
import { type Clock, every, type ObserveOptions, ObserverList } from '@waybill/messaging';
import type { Connection } from './connection.ts';
import { selectionOf } from './filter-policy.ts';
import type { Names } from './names.ts';
import { TemporaryQueue } from './temporary-queue.ts';
import type { Topics } from './topics.ts';
import { unpack } from './wire.ts';

type Listener = (envelope: Envelope) => void;

interface ObserverParts {
  readonly connection: Connection;
  readonly names: Names;
  readonly clock: Clock;
  readonly waitSeconds: number;
  readonly topics: () => Topics;
}

/** How often topics of other processes are looked for. */
const lookEvery = 15_000;

/** One observed pattern: its queue and its listeners. */
class Watch {
  readonly list = new ObserverList();
  readonly #policy: string;
  readonly #queue: TemporaryQueue;
  readonly #opened: Promise<void>;
  #forget: () => void = () => undefined;

  constructor(
    pattern: string,
    private readonly parts: ObserverParts,
  ) {
    this.#policy = selectionOf([{ pattern }]).policy;
    const { connection, names, waitSeconds } = parts;
    const name = names.temporary('observer', randomUUID().slice(0, 18));
    // Unreadable messages are ignored, because observers may lose messages and cannot give them back.
    const got = (message: Message) => this.list.tellBody(unpack(message).body);
    this.#queue = new TemporaryQueue(connection, name, waitSeconds, got, () => this.list.gap());
    this.#opened = this.#open();
  }

  /** Subscribes to a topic; messages are received once this resolves. */
  receive(topic: string): Promise<void> {
    return this.#queue.receive(topic, this.#policy);
  }

  async close(): Promise<void> {
    this.list.clear();
    this.#forget();
    await this.#opened;
    await this.#queue.close();
  }

  async #open(): Promise<void> {
    const { clock, connection } = this.parts;
    const failed = (error: unknown) => connection.failed('looking for topics to observe', error);
    this.#forget = every(clock, lookEvery, () => this.#look(), failed);
    await this.#look()
      .then(() => this.list.gap())
      .catch(failed);
  }

  async #look(): Promise<void> {
    await this.#queue.open();
    const topics = await this.parts.topics().all();
    await Promise.all(topics.map((topic) => this.receive(topic)));
  }
}

/** Observers of messages, at most once. */
export class Observers {
  readonly #watches = new Map<string, Watch>();
  readonly #closing = new Set<Promise<void>>();
  #closed = false;

  constructor(private readonly parts: ObserverParts) {}

  observe(pattern: string, listener: Listener, { onGap }: ObserveOptions = {}): () => void {
    if (this.#closed) return () => undefined;
    const watch = this.#watches.get(pattern) ?? new Watch(pattern, this.parts);
    this.#watches.set(pattern, watch);
    const stop = watch.list.add(pattern, listener, onGap);
    return () => {
      stop();
      if (watch.list.size > 0 || this.#watches.get(pattern) !== watch) return;
      this.#watches.delete(pattern);
      this.#end(watch);
    };
  }

  /** Subscribes every observer to a topic that was just created. */
  async topicMade(arn: string): Promise<void> {
    const received = [...this.#watches.values()].map((watch) => watch.receive(arn));
    const failed = (error: unknown) => this.parts.connection.failed('observing a topic', error);
    await Promise.all(received).catch(failed);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const watch of this.#watches.values()) this.#end(watch);
    this.#watches.clear();
    await Promise.all(this.#closing);
  }

  #end(watch: Watch): void {
    const closed = watch.close().finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
  }
}
