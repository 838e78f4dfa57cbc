import type { KafkaAdmin } from './client/kafka-client.ts';

/** Largest record batch that a topic accepts: a message of 2 MiB with a margin. */
const largest = 4 * 1024 * 1024;

/** Live messages are worthless after their deadline, so they are not kept for days. */
const shortLived = /(^|\.)live$/;

/** Creates topics on first use, with a number of partitions that never changes. */
export class Topics {
  readonly #known = new Map<string, number>();
  /** Numbers of partitions of deleted topics. */
  readonly #former = new Map<string, number>();
  #looking: Promise<unknown> = Promise.resolve();
  #seen: { readonly topics: ReadonlyMap<string, number>; readonly at: number } | null = null;

  constructor(
    private readonly admin: KafkaAdmin,
    private readonly partitions: number,
    private readonly created: (topic: string, partitions: number) => void,
  ) {}

  /** The number of partitions of a topic that is known to exist. */
  known(topic: string): number | undefined {
    return this.#known.get(topic);
  }

  /** Recreates deleted topics with their former number of partitions. */
  restore(topics: readonly string[]): Promise<void> {
    const restored = this.#looking.then(async () => {
      this.#seen = null;
      const there = await this.#look();
      for (const topic of topics) {
        const [before, now] = [this.#known.get(topic), there.get(topic)];
        if (now !== undefined) this.#known.set(topic, now);
        else {
          if (before !== undefined) this.#former.set(topic, before);
          this.#known.delete(topic);
        }
      }
      await this.#ensure(topics, this.partitions);
    });
    this.#looking = restored.catch(() => undefined);
    return restored;
  }

  /** Finds or creates topics and returns their numbers of partitions; `partitions` applies to missing ones. */
  ensure(topics: readonly string[], partitions = this.partitions): Promise<readonly number[]> {
    const found = this.#looking.then(() => this.#ensure(topics, partitions));
    this.#looking = found.catch(() => undefined);
    return found;
  }

  async #ensure(topics: readonly string[], partitions: number): Promise<readonly number[]> {
    if (topics.some((topic) => !this.#known.has(topic))) {
      const found = await this.#look();
      const missing = topics.filter((topic) => !found.has(topic));
      for (const topic of missing) {
        const before = this.#former.get(topic) ?? partitions;
        await this.admin.createTopic(topic, before, settingsOf(topic));
      }
      if (missing.length > 0) this.#seen = null;
      const after = missing.length > 0 ? await this.#look() : found;
      for (const topic of topics) this.#known.set(topic, after.get(topic) ?? partitions);
      for (const topic of missing) this.created(topic, after.get(topic) ?? partitions);
    }
    return topics.map((topic) => this.#known.get(topic) ?? partitions);
  }

  /** All topics, at most one second old, because a starting service requests many, one after another. */
  async #look(): Promise<ReadonlyMap<string, number>> {
    if (this.#seen && Date.now() - this.#seen.at < 1_000) return this.#seen.topics;
    const topics = await this.admin.topics();
    this.#seen = { topics, at: Date.now() };
    return topics;
  }
}

const settingsOf = (topic: string): Record<string, string> => ({
  'max.message.bytes': String(largest),
  ...(shortLived.test(topic) ? { 'retention.ms': '600000' } : {}),
});
