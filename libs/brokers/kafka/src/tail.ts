import { randomUUID } from 'node:crypto';
import type { Assignment, KafkaClient, Position, StoredRecord } from './client/kafka-client.ts';
import { LastingReader } from './lasting-reader.ts';

/** What a tail depends on. */
export interface TailParts {
  readonly client: KafkaClient;
  /** Prefix of its group name; no other reader uses it. */
  readonly groupId: string;
  readonly records: (topic: string, records: readonly StoredRecord[]) => void;
  /** Some of these topics may be gone: recreates them, or returns the existing ones. */
  readonly lookAt: (topics: readonly string[]) => Promise<readonly string[]>;
  readonly onTrouble: (error: Error) => void;
}

/** Reads topics from their ends, for this process alone. It commits nothing, so missed records are not read later. */
export class Tail {
  readonly #reader: LastingReader;
  readonly #next = new Map<string, number[]>();
  readonly #ids = new Map<string, string>();
  #started: Promise<void> | null = null;
  #changing: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(private readonly parts: TailParts) {
    const group = `${parts.groupId}.${randomUUID()}`;
    const options = () => this.#options(group);
    this.#reader = new LastingReader(parts.client, options, () => this.#lookAtTopics(), {
      joined: (assignment) => this.#joined(assignment),
      rebalancing: () => undefined,
      records: (topic, partition, records) => this.#take(topic, partition, records),
      lost: (error) => parts.onTrouble(error),
    });
  }

  isUp(): boolean {
    return this.#started === null || this.#reader.isUp();
  }

  /** Also reads these topics from now on; resolves when no later record is missed. */
  async follow(topics: readonly string[]): Promise<void> {
    const added = topics.filter((topic) => !this.#next.has(topic));
    const ends = await Promise.all(added.map((topic) => this.parts.client.admin.ends(topic)));
    for (const [at, topic] of added.entries()) {
      if (!this.#next.has(topic)) this.#next.set(topic, [...(ends[at] ?? [])]);
    }
    if (added.length > 0) this.#change();
  }

  /** Reads a topic that was just created, from its first record. */
  include(topic: string, partitions: number): void {
    if (this.#next.has(topic)) return;
    this.#next.set(topic, new Array<number>(partitions).fill(0));
    this.#change();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#reader.close();
  }

  #options(group: string) {
    const topics = [...this.#next].map(([topic, { length }]) => [topic, length] as const);
    return { group, instance: null, topics: new Map(topics) };
  }

  async #lookAtTopics(): Promise<void> {
    const there = new Set(await this.parts.lookAt([...this.#next.keys()]));
    for (const topic of this.#next.keys()) if (!there.has(topic)) this.#next.delete(topic);
    if (there.size === 0) throw new Error('there is no topic to read');
  }

  /** A reader has a fixed set of topics, so a change restarts it. */
  #change(): void {
    this.#changing = this.#changing.then(async () => {
      if (this.#closed) return;
      if (this.#started) await this.#reader.restart();
      else {
        this.#started = this.#reader.open().catch(async (error: Error) => {
          this.parts.onTrouble(error);
          await this.#reader.restart(500);
        });
        await this.#started;
      }
    });
  }

  /** A topic that was deleted and recreated is read from its first record. */
  #joined({ topicIds }: Assignment): readonly Position[] {
    for (const [topic, id] of topicIds) {
      if ((this.#ids.get(topic) ?? id) !== id) this.#next.get(topic)?.fill(0);
      this.#ids.set(topic, id);
    }
    return [...this.#next].flatMap(([topic, next]) =>
      next.map((offset, partition) => ({ topic, partition, offset })),
    );
  }

  #take(topic: string, partition: number, records: readonly StoredRecord[]): void {
    const next = this.#next.get(topic);
    if (!next) return;
    const from = next[partition] ?? 0;
    const fresh = records.filter(({ offset }) => offset >= from);
    const last = fresh.at(-1);
    if (!last) return;
    next[partition] = last.offset + 1;
    this.parts.records(topic, fresh);
  }
}
