import type { Envelope } from '@waybill/message';
import { ObserverList } from '@waybill/messaging';
import type { KafkaClient, StoredRecord } from './client/kafka-client.ts';
import type { Names } from './names.ts';
import { Tail } from './tail.ts';

/** What observers depend on. */
export interface ObserversParts {
  readonly client: KafkaClient;
  readonly names: Names;
  readonly groupId: string;
  readonly onTrouble: (what: string, error: Error) => void;
}

/** How often topics of other processes are looked for. */
const lookEveryMs = 3_000;

/** Observers of messages: one reader of all topics of the namespace serves all observers of a process. */
export class Observers {
  readonly #list = new ObserverList();
  #tail: Tail | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: ObserversParts) {}

  add(
    pattern: string,
    listener: (envelope: Envelope) => void,
    onGap: (() => void) | undefined,
  ): () => void {
    const stop = this.#list.add(pattern, listener, onGap);
    if (!this.#tail) this.#start();
    return stop;
  }

  isUp(): boolean {
    return this.#tail?.isUp() ?? true;
  }

  /** A topic was created in this process; it is observed from its first record. */
  created(topic: string, partitions: number): void {
    if (this.parts.names.channel(topic) !== null) this.#tail?.include(topic, partitions);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#list.clear();
    await this.#tail?.close();
  }

  #start(): void {
    const { client, groupId, onTrouble } = this.parts;
    this.#tail = new Tail({
      client,
      groupId,
      records: (_, records) => this.#tell(records),
      lookAt: async (topics) => {
        const there = await client.admin.topics();
        return topics.filter((topic) => there.has(topic));
      },
      onTrouble: (error) => onTrouble('observers', error),
    });
    void this.#look().then(() => this.#list.gap());
    this.#timer = setInterval(() => void this.#look(), lookEveryMs);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    try {
      const topics = [...(await this.parts.client.admin.topics()).keys()];
      await this.#tail?.follow(topics.filter((topic) => this.parts.names.channel(topic) !== null));
    } catch (error) {
      this.parts.onTrouble('observers', error as Error);
    }
  }

  /** A record without a routing key was published by another system. */
  #tell(records: readonly StoredRecord[]): void {
    for (const { headers, value } of records) {
      const routingKey = headers.get('routing-key');
      if (routingKey !== undefined) this.#list.tellBody(value, routingKey);
    }
  }
}
