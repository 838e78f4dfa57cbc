import { setTimeout as wait } from 'node:timers/promises';
import type { Admin, Kafka, KafkaJSError } from 'kafkajs';
import type { KafkaAdmin } from '../kafka-client.ts';

interface OffsetOf {
  readonly partition: number;
  readonly offset: string;
}

/** The offsets, indexed by partition. */
function inOrder(found: readonly OffsetOf[]): readonly number[] {
  const offsets: number[] = [];
  for (const { partition, offset } of found) offsets[partition] = Number(offset);
  return offsets;
}

/** How long a call is retried while Kafka cannot answer yet, and the pause in between. */
const patienceMs = 5_000;
const pauseMs = 50;

/**
 * A new topic may have no leader yet, or be unknown to the broker. kafkajs does not wait for that when it requests offsets
 * (`fetchTopicOffsets` bails out) or topics by name. The connection may also be closed, after another call failed.
 */
function passes(error: unknown): boolean {
  const { name, retriable } = error as Partial<KafkaJSError>;
  return (
    error instanceof NoBrokerAnswered ||
    name === 'KafkaJSConnectionClosedError' ||
    (name === 'KafkaJSProtocolError' && !!retriable)
  );
}

class NoBrokerAnswered extends Error {
  constructor(cause: TypeError) {
    super('no broker told its topics: connections were closed, or timed out', { cause });
  }
}

/** kafkajs drops the error of a broker that does not answer, and reads the topics of `null`. */
async function metadataOf(admin: Admin, topics: readonly string[] = []) {
  try {
    return await admin.fetchTopicMetadata({ topics: [...topics] });
  } catch (error) {
    throw error instanceof TypeError ? new NoBrokerAnswered(error) : error;
  }
}

const retry = { retries: 2, initialRetryTime: 50, maxRetryTime: 500 };

/** Topics, offsets and groups by the admin of kafkajs; connects on first use, and again after an error. */
export class KafkajsAdmin implements KafkaAdmin {
  #admin: Promise<Admin> | null = null;
  #closed = false;

  constructor(
    private readonly make: () => Kafka,
    private readonly replication: number,
  ) {}

  async topics(): Promise<ReadonlyMap<string, number>> {
    const { topics } = await this.#use((admin) => metadataOf(admin));
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
        waitForLeaders: false,
        topics: [
          { topic, numPartitions: partitions, replicationFactor: this.replication, configEntries },
        ],
      }),
    );
    // The controller has created it, but the broker that serves the request may not know it yet.
    await this.#use((admin) => metadataOf(admin, [topic]));
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

  async members(names: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { groups } = await this.#use((admin) => admin.describeGroups([...names]));
    return new Map(groups.map(({ groupId, members }) => [groupId, members.length]));
  }

  /** Rejects calls in progress, and all later ones. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#giveUp();
  }

  async #giveUp(): Promise<void> {
    const admin = this.#admin;
    this.#admin = null;
    await (await admin?.catch(() => null))?.disconnect().catch(() => undefined);
  }

  /** After an error the connection may be in any state, so the next call, by any caller, gets a new one. */
  async #use<T>(call: (admin: Admin) => Promise<T>): Promise<T> {
    const until = performance.now() + patienceMs;
    let reused = this.#admin !== null;
    for (;;) {
      if (this.#closed) throw new Error('this connection to Kafka was closed');
      this.#admin ??= this.#connect();
      const used = this.#admin;
      const admin = await used.catch((error) => {
        if (this.#admin === used) this.#admin = null;
        throw error;
      });
      try {
        return await call(admin);
      } catch (error) {
        // Another call may have failed first and started the connection that is now in use.
        if (this.#admin === used) void this.#giveUp();
        if (passes(error) ? performance.now() > until : !reused) throw error;
        reused = false;
        await wait(pauseMs);
      }
    }
  }

  async #connect(): Promise<Admin> {
    const admin = this.make().admin({ retry });
    await admin.connect();
    return admin;
  }
}
