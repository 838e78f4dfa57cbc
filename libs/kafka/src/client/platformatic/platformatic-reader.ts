import { inspect } from 'node:util';
import type {
  Consumer,
  ConsumerGroupJoinPayload,
  ConsumerOptions,
  GroupPartitionsAssigner,
} from '@platformatic/kafka';
import type { Position, ReaderEvents, ReaderOptions, RecordReader } from '../kafka-client.ts';
import { assignShards, decodeClaim, encodeClaim } from '../shard-assignment.ts';
import { haveChanged, type TopicIds } from '../topic-identity.ts';
import { commitTopicIds } from './commit-topic-ids.ts';
import { recordsOf } from './fetched-records.ts';
import { library } from './library.ts';

type Bytes = Consumer<Buffer, Buffer, Buffer, Buffer>;
type FetchResponse = Awaited<ReturnType<Bytes['fetch']>>;
type Options = ConsumerOptions<Buffer, Buffer, Buffer, Buffer>;

/** Where a partition is read next; null: not known yet. */
type Places = Map<
  string,
  { readonly topic: string; readonly partition: number; offset: bigint | null }
>;

/** How a reader is made. */
export interface PlatformaticReaderParts {
  readonly connecting: Pick<Options, 'clientId' | 'bootstrapBrokers'> & Partial<Options>;
  readonly sessionMs: number;
  readonly fetchWaitMs: number;
}

const mostFailures = 5;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** What a server that does not answer has to let us leave. */
const leavingMs = 2_000;
const earliest = -2n;
const latest = -1n;

/** A member of a group by @platformatic/kafka: the library keeps the membership, and this fetches. */
export class PlatformaticReader implements RecordReader {
  #consumer: Bytes | null = null;
  /** Where each partition of ours is read next; null: where the group has committed. */
  #next: Places = new Map();
  readonly #paused = new Set<string>();
  /** Of its topics, when it joined first. */
  #topicIds: TopicIds = new Map();
  #claim = encodeClaim([], -1);
  #ended = false;
  #fetching: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: ReaderOptions,
    private readonly events: ReaderEvents,
    private readonly parts: PlatformaticReaderParts,
  ) {}

  async open(): Promise<void> {
    const { Consumer } = await library();
    if (this.#ended) throw new Error('the consumer was closed');
    const { instance, group, topics } = this.options;
    const { sessionMs, connecting } = this.parts;
    const consumer: Bytes = new Consumer({
      ...connecting,
      groupId: group,
      ...(instance ? { groupInstanceId: instance } : {}),
      sessionTimeout: sessionMs,
      rebalanceTimeout: sessionMs,
      heartbeatInterval: 500,
      protocols: [{ name: 'waybill-shards', version: 1 }],
      protocolsMetadata: () => this.#claim,
      partitionAssigner: this.#assigner,
      autocommit: false,
      retries: 1,
      retryDelay: 100,
    });
    await commitTopicIds(consumer, () => this.#topicIds);
    this.#consumer = consumer;
    consumer.on('error', (error: Error) => this.#failed(error));
    consumer.on('consumer:group:join', (joined) => this.#joined(joined));
    consumer.on('consumer:group:rebalance', () => this.events.rebalancing());
    consumer.topics.trackAll(...topics.keys());
    await consumer.joinGroup({});
    this.#fetching = this.#fetch(consumer);
  }

  pause(topic: string, partition: number): void {
    this.#paused.add(nameOf(topic, partition));
  }

  resume(topic: string, partition: number): void {
    this.#paused.delete(nameOf(topic, partition));
  }

  async commit(positions: readonly Position[]): Promise<void> {
    await this.#consumer?.commit({
      offsets: positions.map(({ topic, partition, offset }) => ({
        topic,
        partition,
        offset: BigInt(offset),
        leaderEpoch: -1,
      })),
    });
  }

  async close(): Promise<void> {
    this.#ended = true;
    await this.#fetching;
    const consumer = this.#consumer;
    if (!consumer) return;
    // Closed during a join the library goes on to join, and sends heartbeats for ever; not so when it leaves before.
    await leave(consumer);
    await consumer.close(true);
  }

  #joined({ memberId, generationId = -1, assignments = [] }: ConsumerGroupJoinPayload): void {
    if (this.#ended) return;
    const topics = new Map(assignments.map(({ topic, partitions }) => [topic, partitions]));
    this.#claim = encodeClaim([...new Set([...topics.values()].flat())], generationId);
    if (this.#topicIds.size === 0) this.#topicIds = idsOf(this.#consumer?.currentMetadata?.topics);
    const { events } = this;
    const topicIds = this.#topicIds;
    const from = events.joined({ memberId, generation: generationId, topics, topicIds });
    const offsets = new Map(
      from.map(({ topic, partition, offset }) => [nameOf(topic, partition), BigInt(offset)]),
    );
    const next: Places = new Map();
    for (const [topic, partitions] of topics) {
      for (const partition of partitions) {
        const name = nameOf(topic, partition);
        next.set(name, { topic, partition, offset: offsets.get(name) ?? null });
      }
    }
    this.#next = next;
  }

  #failed(error: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.events.failed(error);
  }

  async #fetch(consumer: Bytes): Promise<void> {
    let failures = 0;
    while (!this.#ended) {
      try {
        await this.#fetchOnce(consumer);
        failures = 0;
      } catch (error) {
        failures += 1;
        if (/OFFSET_OUT_OF_RANGE/.test(inspect(error))) this.#forgetOffsets();
        if (failures >= mostFailures) this.#failed(error as Error);
        else await pause(100 * failures);
      }
    }
  }

  #forgetOffsets(): void {
    for (const place of this.#next.values()) place.offset = null;
  }

  async #fetchOnce(consumer: Bytes): Promise<void> {
    const assigned = this.#next;
    await this.#findOffsets(consumer, assigned);
    const active = [...assigned].filter(([name]) => !this.#paused.has(name));
    if (active.length === 0) return pause(this.parts.fetchWaitMs);
    const { topics } = await consumer.metadata({ topics: [...this.options.topics.keys()] });
    if (haveChanged(this.#topicIds, idsOf(topics)))
      return this.#failed(new Error('a topic was deleted and made again'));
    const byNode = new Map<number, typeof active>();
    for (const each of active) {
      const leader = topics.get(each[1].topic)?.partitions[each[1].partition]?.leader ?? -1;
      byNode.set(leader, [...(byNode.get(leader) ?? []), each]);
    }
    const names = new Map([...topics].map(([name, { id }]) => [id, name]));
    await Promise.all(
      [...byNode].map(async ([node, partitions]) => {
        const wanted = new Map<string, { topicId: string; partitions: object[] }>();
        for (const [, { topic, partition, offset }] of partitions) {
          const topicId = topics.get(topic)?.id ?? '';
          const found = wanted.get(topicId) ?? { topicId, partitions: [] };
          wanted.set(topicId, found);
          found.partitions.push({
            partition,
            fetchOffset: offset ?? 0n,
            currentLeaderEpoch: -1,
            lastFetchedEpoch: -1,
            partitionMaxBytes: 256 * 1024,
          });
        }
        const response = await consumer.fetch({
          node,
          topics: [...wanted.values()] as Parameters<Bytes['fetch']>[0]['topics'],
          minBytes: 1,
          maxBytes: 4 * 1024 * 1024,
          maxWaitTime: this.parts.fetchWaitMs,
        });
        if (!this.#ended && this.#next === assigned) this.#take(response, names);
      }),
    );
  }

  #take({ responses }: FetchResponse, names: ReadonlyMap<string, string>): void {
    for (const { topicId, partitions } of responses) {
      const topic = names.get(topicId);
      if (topic === undefined) continue;
      for (const { partitionIndex, records } of partitions) {
        const next = this.#next.get(nameOf(topic, partitionIndex));
        if (!next || next.offset === null || !records?.length) continue;
        const { read, end } = recordsOf(records, next.offset);
        next.offset = end;
        if (read.length > 0) this.events.records(topic, partitionIndex, read);
      }
    }
  }

  /** Where the group is, or the first record. */
  async #findOffsets(consumer: Bytes, assigned: Places): Promise<void> {
    const missing = [...assigned.values()].filter(({ offset }) => offset === null);
    if (missing.length === 0) return;
    const partitionsOf = (topic: string) =>
      missing.filter((each) => each.topic === topic).map(({ partition }) => partition);
    const topics = [...new Set(missing.map(({ topic }) => topic))];
    const committed = await consumer.listCommittedOffsets({
      topics: topics.map((topic) => ({ topic, partitions: partitionsOf(topic) })),
    });
    const starts = await consumer.listOffsets({ topics, timestamp: earliest });
    const ends = await consumer.listOffsets({ topics, timestamp: latest });
    for (const each of missing) {
      const known = committed.get(each.topic)?.[each.partition] ?? -1n;
      const start = starts.get(each.topic)?.[each.partition] ?? 0n;
      const end = ends.get(each.topic)?.[each.partition] ?? start;
      each.offset = known >= start && known <= end ? known : start;
    }
  }

  readonly #assigner: GroupPartitionsAssigner = (_, members) => {
    const { topics: known } = this.options;
    const count = Math.max(...known.values());
    const claims = [...members.values()].map(({ memberId, metadata }) =>
      decodeClaim(memberId, metadata === undefined ? null : Buffer.from(metadata)),
    );
    const shares = assignShards(count, claims);
    return [...members.values()].map(({ memberId, topics = [] }) => {
      const shards = shares.get(memberId) ?? [];
      const assignments = topics.map((topic) => {
        const partitions = shards.filter((shard) => shard < (known.get(topic) ?? count));
        return [topic, { topic, partitions }] as const;
      });
      return {
        memberId,
        assignments: new Map(assignments.filter(([, { partitions }]) => partitions.length > 0)),
      };
    });
  };
}

/** Leaves the group, or gives it up: a server that is away ends the membership by itself. */
function leave(consumer: Bytes): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, leavingMs);
    const left = Promise.resolve(consumer.leaveGroup()).catch(() => undefined);
    void left.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

const idsOf = (topics: ReadonlyMap<string, { readonly id: string }> = new Map()): TopicIds =>
  new Map([...topics].map(([topic, { id }]) => [topic, id]));
const nameOf = (topic: string, partition: number): string => `${topic}/${partition}`;
