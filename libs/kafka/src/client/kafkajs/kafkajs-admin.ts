import type { Admin, Kafka } from 'kafkajs';
import type { KafkaAdmin } from '../kafka-client.ts';

interface OffsetOf {
  readonly partition: number;
  readonly offset: string;
}

/** Offsets in the order of their partitions. */
function inOrder(found: readonly OffsetOf[]): readonly number[] {
  const offsets: number[] = [];
  for (const { partition, offset } of found) offsets[partition] = Number(offset);
  return offsets;
}

const retry = { retries: 2, initialRetryTime: 50, maxRetryTime: 500 };

/** Topics, offsets and groups by the admin of kafkajs, which is connected when it is used and made anew after an error. */
export class KafkajsAdmin implements KafkaAdmin {
  #admin: Promise<Admin> | null = null;

  constructor(
    private readonly make: () => Kafka,
    private readonly replication: number,
  ) {}

  async topics(): Promise<ReadonlyMap<string, number>> {
    const { topics } = await this.#use((admin) => admin.fetchTopicMetadata());
    return new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
  }

  async createTopic(
    topic: string,
    partitions: number,
    settings: Readonly<Record<string, string>>,
  ): Promise<void> {
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    await this.#use((admin) =>
      admin.createTopics({
        waitForLeaders: true,
        topics: [
          { topic, numPartitions: partitions, replicationFactor: this.replication, configEntries },
        ],
      }),
    );
  }

  async ends(topic: string): Promise<readonly number[]> {
    const found = await this.#use((admin) => admin.fetchTopicOffsets(topic));
    return inOrder(found.map(({ partition, high }) => ({ partition, offset: high })));
  }

  async starts(topic: string): Promise<readonly number[]> {
    const found = await this.#use((admin) => admin.fetchTopicOffsets(topic));
    return inOrder(found.map(({ partition, low }) => ({ partition, offset: low })));
  }

  async offsetsAt(topic: string, time: number): Promise<readonly number[]> {
    return inOrder(await this.#use((admin) => admin.fetchTopicOffsetsByTimestamp(topic, time)));
  }

  async committed(
    group: string,
    topics: readonly string[],
  ): Promise<ReadonlyMap<string, readonly (number | null)[]>> {
    const found = await this.#use((admin) =>
      admin.fetchOffsets({ groupId: group, topics: [...topics] }),
    );
    return new Map(
      found.map(({ topic, partitions }) => [
        topic,
        inOrder(partitions).map((offset) => (offset < 0 ? null : offset)),
      ]),
    );
  }

  async hasMembers(group: string): Promise<boolean> {
    const { groups } = await this.#use((admin) => admin.describeGroups([group]));
    return groups.some(({ members }) => members.length > 0);
  }

  async close(): Promise<void> {
    const admin = this.#admin;
    this.#admin = null;
    await (await admin?.catch(() => null))?.disconnect().catch(() => undefined);
  }

  /** After an error the connection may be in any state: the next call gets a new one. */
  async #use<T>(call: (admin: Admin) => Promise<T>): Promise<T> {
    const reused = this.#admin !== null;
    try {
      return await call(await this.#connected());
    } catch (error) {
      await this.close();
      if (!reused) throw error;
      return call(await this.#connected());
    }
  }

  #connected(): Promise<Admin> {
    this.#admin ??= this.#connect();
    return this.#admin;
  }

  async #connect(): Promise<Admin> {
    const admin = this.make().admin({ retry });
    await admin.connect();
    return admin;
  }
}
