import { decode, type Envelope } from '@waybill/contracts';
import { topicPattern } from '@waybill/messaging';
import type { KafkaClient, StoredRecord } from './client/kafka-client.ts';
import type { Names } from './names.ts';
import { Tail } from './tail.ts';

interface Observer {
  readonly sees: (routingKey: string) => boolean;
  readonly listener: (envelope: Envelope) => void;
  readonly onGap: (() => void) | undefined;
}

/** What observers are made of. */
export interface ObserversParts {
  readonly client: KafkaClient;
  readonly names: Names;
  readonly groupId: string;
  readonly onTrouble: (what: string, error: Error) => void;
}

/** How often topics are looked for that another process has created. */
const lookEveryMs = 3_000;

/** Whoever watches messages go by: one reader of all topics of the namespace serves all observers of a process. */
export class Observers {
  #observers: readonly Observer[] = [];
  #tail: Tail | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: ObserversParts) {}

  add(
    pattern: string,
    listener: (envelope: Envelope) => void,
    onGap: (() => void) | undefined,
  ): () => void {
    const observer = { sees: topicPattern(pattern), listener, onGap };
    this.#observers = [...this.#observers, observer];
    if (!this.#tail) this.#start();
    return () => {
      this.#observers = this.#observers.filter((each) => each !== observer);
    };
  }

  isUp(): boolean {
    return this.#tail?.isUp() ?? true;
  }

  /** A topic was created in this process: nothing of it is missed. */
  created(topic: string, partitions: number): void {
    if (this.parts.names.channel(topic) !== null) this.#tail?.include(topic, partitions);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#observers = [];
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
    void this.#look().then(() => {
      for (const { onGap } of this.#observers) safely(() => onGap?.());
    });
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

  #tell(records: readonly StoredRecord[]): void {
    for (const { headers, value } of records) {
      const routingKey = headers.get('routing-key');
      if (routingKey === undefined) continue;
      const seeing = this.#observers.filter(({ sees }) => sees(routingKey));
      if (seeing.length === 0) continue;
      const envelope = envelopeOf(value);
      if (!envelope) continue;
      for (const { listener } of seeing) safely(() => listener(envelope));
    }
  }
}

function envelopeOf(value: string): Envelope | null {
  try {
    return decode(value);
  } catch {
    return null;
  }
}

/** An observer that fails must not take the process or the other observers with it. */
function safely(run: () => void): void {
  try {
    run();
  } catch (error) {
    process.emitWarning(`an observer failed: ${String(error)}`);
  }
}
