import {
  AssignerProtocol,
  type Consumer,
  type EachBatchPayload,
  type Kafka,
  type KafkaMessage,
  type PartitionAssigner,
} from 'kafkajs';
import {
  type Position,
  type ReaderEvents,
  type ReaderOptions,
  type RecordReader,
  type StoredRecord,
  storedValue,
} from '../kafka-client.ts';
import { assignPartitions, decodeClaim, encodeClaim } from '../partition-assignment.ts';
import type { TopicIds } from '../topic-identity.ts';
import { addToGroupProtocol } from './group-protocol.ts';

/** What a kafkajs reader depends on. */
export interface KafkajsReaderParts {
  readonly kafka: Kafka;
  /** Unique to this reader. */
  readonly clientId: string;
  readonly sessionMs: number;
  readonly heartbeatMs: number;
  readonly fetchWaitMs: number;
}

/** Fetches respond several times a second, so a reader that is silent for this long has a dead connection. */
const silenceMs = 20_000;
const retry = {
  retries: 4,
  initialRetryTime: 100,
  maxRetryTime: 1_000,
  restartOnFailure: async () => false,
};

/** A group member by kafkajs. Whatever stops kafkajs is reported as `failed`; callbacks never throw into it. */
export class KafkajsReader implements RecordReader {
  readonly #consumer: Consumer;
  readonly #forget: () => void;
  #generation = -1;
  #memberId = '';
  #topicIds: TopicIds = new Map();
  #claimed: readonly number[] = [];
  #claimedAt = -1;
  #state: 'new' | 'joined' | 'ended' = 'new';
  #error: Error | null = null;
  #receivedAt = Date.now();
  #watchdog: NodeJS.Timeout | undefined;

  constructor(
    private readonly options: ReaderOptions,
    private readonly events: ReaderEvents,
    parts: KafkajsReaderParts,
  ) {
    this.#forget = addToGroupProtocol(parts.clientId, {
      instance: options.instance,
      topics: [...options.topics.keys()],
      joined: (memberId, generation, topicIds) => {
        this.#memberId = memberId;
        this.#generation = generation;
        this.#topicIds = topicIds;
      },
      topicIsGone: () => this.#failed(new Error('a topic was deleted')),
    });
    this.#consumer = parts.kafka.consumer({
      groupId: options.group,
      sessionTimeout: parts.sessionMs,
      rebalanceTimeout: parts.sessionMs,
      heartbeatInterval: parts.heartbeatMs,
      maxWaitTimeInMs: parts.fetchWaitMs,
      minBytes: 1,
      maxBytesPerPartition: 256 * 1024,
      maxBytes: 4 * 1024 * 1024,
      allowAutoTopicCreation: false,
      partitionAssigners: [this.#assigner],
      retry,
    });
    this.#listen();
  }

  async open(): Promise<void> {
    await this.#consumer.connect();
    await this.#consumer.subscribe({
      topics: [...this.options.topics.keys()],
      fromBeginning: true,
    });
    // Otherwise it would go on reading after `close`.
    if (this.#state === 'ended') throw new Error('the consumer was closed');
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (payload) => this.#take(payload),
    });
    if (this.#state !== 'joined') throw this.#error ?? new Error('the consumer did not start');
    this.#watchdog = setInterval(() => this.#watch(), 5_000);
    this.#watchdog.unref();
  }

  pause(topic: string, partition: number): void {
    this.#whileItRuns(() => this.#consumer.pause([{ topic, partitions: [partition] }]));
  }

  resume(topic: string, partition: number): void {
    this.#whileItRuns(() => this.#consumer.resume([{ topic, partitions: [partition] }]));
  }

  async commit(positions: readonly Position[]): Promise<void> {
    if (this.#state !== 'joined') throw new Error('the consumer does not run');
    await this.#consumer.commitOffsets(
      positions.map(({ topic, partition, offset }) => ({ topic, partition, offset: `${offset}` })),
    );
  }

  async close(): Promise<void> {
    this.#end();
    await this.#consumer.disconnect();
  }

  /** kafkajs throws between its stop and the crash event that follows. */
  #whileItRuns(run: () => void): void {
    if (this.#state !== 'joined') return;
    try {
      run();
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  #end(): void {
    this.#state = 'ended';
    clearInterval(this.#watchdog);
    this.#forget();
  }

  #listen(): void {
    const { on, events } = this.#consumer;
    on(events.GROUP_JOIN, ({ payload }) => this.#joined(payload.memberAssignment));
    on(events.REBALANCING, () => this.events.rebalancing());
    on(events.FETCH, () => this.#fetched());
    on(events.CRASH, ({ payload }) => this.#failed(payload.error));
    for (const end of [events.STOP, events.DISCONNECT]) on(end, () => this.#endedSilently());
  }

  #joined(assigned: Readonly<Record<string, number[]>>): void {
    if (this.#state === 'ended') return;
    this.#state = 'joined';
    this.#fetched();
    this.#claimed = [...new Set(Object.values(assigned).flat())];
    this.#claimedAt = this.#generation;
    const from = this.events.joined({
      memberId: this.#memberId,
      generation: this.#generation,
      topics: new Map(Object.entries(assigned)),
      topicIds: this.#topicIds,
    });
    for (const { topic, partition, offset } of from) {
      this.#consumer.seek({ topic, partition, offset: `${offset}` });
    }
  }

  /** A crash event usually follows with the reason; this covers the case that none does. */
  #endedSilently(): void {
    setTimeout(() => this.#failed(new Error('the consumer stopped')), 2_000).unref();
  }

  #failed(error: Error): void {
    this.#error ??= error;
    if (this.#state !== 'joined') return;
    this.#end();
    this.events.failed(error);
  }

  #fetched(): void {
    this.#receivedAt = Date.now();
  }

  #watch(): void {
    if (this.#state !== 'joined' || Date.now() - this.#receivedAt < silenceMs) return;
    this.#failed(new Error(`no answer to a fetch for ${silenceMs} ms`));
    void this.#consumer.disconnect().catch(() => undefined);
  }

  /** An error thrown here would make kafkajs leave and rejoin the group without end. */
  #take({ batch, resolveOffset }: EachBatchPayload): void {
    if (this.#state !== 'joined') return;
    this.events.records(batch.topic, batch.partition, batch.messages.map(storedRecord));
    resolveOffset(batch.lastOffset());
  }

  /** Partition n of every topic goes to the same member. */
  readonly #assigner: PartitionAssigner = () => ({
    name: 'waybill-shards',
    version: 1,
    protocol: ({ topics }) => ({
      name: 'waybill-shards',
      metadata: AssignerProtocol.MemberMetadata.encode({
        version: 1,
        topics,
        userData: encodeClaim(this.#claimed, this.#claimedAt),
      }),
    }),
    assign: async ({ members }) => {
      const read = members.map(({ memberId, memberMetadata }) => ({
        memberId,
        metadata: AssignerProtocol.MemberMetadata.decode(memberMetadata),
      }));
      const claims = read.map(({ memberId, metadata }) =>
        decodeClaim(memberId, metadata?.userData),
      );
      const { topics: known } = this.options;
      const count = Math.max(...known.values());
      const shares = assignPartitions(count, claims);
      return read.map(({ memberId, metadata }) => {
        const partitions = shares.get(memberId) ?? [];
        const assignment: Record<string, number[]> = {};
        for (const topic of metadata?.topics ?? []) {
          const existing = partitions.filter((each) => each < (known.get(topic) ?? count));
          if (existing.length > 0) assignment[topic] = existing;
        }
        return {
          memberId,
          memberAssignment: AssignerProtocol.MemberAssignment.encode({
            version: 1,
            assignment,
            userData: Buffer.alloc(0),
          }),
        };
      });
    },
  });
}

function storedRecord({ offset, timestamp, key, value, headers }: KafkaMessage): StoredRecord {
  const read = new Map<string, string>();
  for (const [name, given] of Object.entries(headers ?? {})) {
    const first = Array.isArray(given) ? given[0] : given;
    if (first !== undefined && first !== null) read.set(name, String(first));
  }
  return {
    offset: Number(offset),
    timestamp: Number(timestamp),
    key: key === null ? null : String(key),
    ...storedValue(value, {
      type: read.get('type'),
      contentType: read.get('content-type'),
      contentEncoding: read.get('content-encoding'),
    }),
    headers: read,
  };
}
