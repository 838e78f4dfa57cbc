import { receivedBody, type WireLabel } from '@waybill/messaging';
import type { TopicIds } from './topic-identity.ts';

/** An offset in a partition of a topic. */
export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** A record to be sent to a partition. */
export interface NewRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  readonly value: string | Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
}

/** A record as it was read; none of its content can be trusted. */
export interface StoredRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string;
  /** The raw value, if it is not UTF-8. */
  readonly bytes?: Buffer;
  /** Why the value cannot be read. */
  readonly gaveUp?: string;
  readonly headers: ReadonlyMap<string, string>;
}

/** The largest value in bytes, before it is compressed. */
export const largestValue = 2 * 1024 * 1024;

/** The value of a record as text, and as bytes if it is not UTF-8. */
export function storedValue(
  value: Buffer | null | undefined,
  label: WireLabel = {},
): Pick<StoredRecord, 'value' | 'bytes' | 'gaveUp'> {
  const { body, ...more } = receivedBody(value ?? Buffer.alloc(0), label, largestValue);
  return { value: body, ...more };
}

/** Kafka error codes for a topic or a partition that does not exist. */
const gone: ReadonlySet<number> = new Set([3, 100]);

/**
 * Error codes after which Kafka has stored nothing and may accept the same records a moment later: the partition was
 * just created, is moving, or has too few replicas in sync.
 */
const passing: ReadonlySet<number> = new Set([...gone, 5, 6, 19, 74, 75, 103]);

/** Kafka rejected some of the records. */
export class RecordsRefused extends Error {
  readonly code = 'records_refused';
  /** None of the rejected records is stored, and a retry may succeed. */
  readonly passes: boolean;
  /** The topic or the partition does not exist. */
  readonly topicIsGone: boolean;

  constructor(cause: Error, kafkaCode: number) {
    super(`Kafka refused records: ${cause.message}`, { cause });
    this.name = 'RecordsRefused';
    this.passes = passing.has(kafkaCode);
    this.topicIsGone = gone.has(kafkaCode);
  }
}

/** A partition whose records Kafka rejected in a send. */
export interface Refusal {
  readonly topic: string;
  readonly partition: number;
  readonly error: RecordsRefused;
}

/** Sends records. The caller waits for each send to end before the next one to the same partition. */
export interface RecordProducer {
  /**
   * Resolves when Kafka has responded, with the partitions that it rejected; all in-sync replicas have the records of
   * the others. Rejects with `RecordsRefused`, without a partition, when Kafka rejected the whole request. Rejects with
   * another error when the request failed: then it is unknown which records are stored.
   */
  send(records: readonly NewRecord[]): Promise<readonly Refusal[]>;
  close(): Promise<void>;
}

/** What the group assigns to a reader. */
export interface Assignment {
  readonly memberId: string;
  readonly generation: number;
  /** Partitions of each topic. */
  readonly topics: ReadonlyMap<string, readonly number[]>;
  /** Ids of the topics that this reader reads: it fails when one of them is deleted and recreated. */
  readonly topicIds: TopicIds;
}

/** Callbacks of a reader; none of them may throw. */
export interface ReaderEvents {
  /**
   * A new assignment; returns the positions to read from. Other partitions continue from the committed offset of the
   * same topic, or from the first record.
   */
  joined(assignment: Assignment): readonly Position[];
  /** The group starts to rebalance; commits that begin now still count. */
  rebalancing(): void;
  records(topic: string, partition: number, records: readonly StoredRecord[]): void;
  /** The reader has stopped. Called at most once, and not after `close`. */
  failed(error: Error): void;
}

/** Options of one reader. */
export interface ReaderOptions {
  readonly group: string;
  /** Its topics, each with its number of partitions. */
  readonly topics: ReadonlyMap<string, number>;
  /** The name for static membership; null: a new member at each start. */
  readonly instance: string | null;
}

/** A member of a group, from its first assignment until it fails or is closed. It does not reconnect. */
export interface RecordReader {
  /** Resolves when it has its first assignment. */
  open(): Promise<void>;
  pause(topic: string, partition: number): void;
  resume(topic: string, partition: number): void;
  commit(positions: readonly Position[]): Promise<void>;
  /** Leaves the group. */
  close(): Promise<void>;
}

/** Topics, offsets and groups. */
export interface KafkaAdmin {
  /** The number of partitions of each existing topic. */
  topics(): Promise<ReadonlyMap<string, number>>;
  /** Creates a topic unless it exists; resolves when it can be written and read. */
  createTopic(
    topic: string,
    partitions: number,
    settings: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** The offset after the last record of each partition. */
  ends(topic: string): Promise<readonly number[]>;
  /** The first offset of each partition. */
  starts(topic: string): Promise<readonly number[]>;
  /** For each partition, the offset of the first record that is not older than `time`. */
  offsetsAt(topic: string, time: number): Promise<readonly number[]>;
  /** The committed offsets of a group; null where it has none. */
  committed(
    group: string,
    topics: readonly string[],
  ): Promise<ReadonlyMap<string, readonly (number | null)[]>>;
  /** The number of members of each group. */
  members(groups: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

/** A Kafka client library. */
export interface KafkaClient {
  readonly admin: KafkaAdmin;
  producer(): RecordProducer;
  reader(options: ReaderOptions, events: ReaderEvents): RecordReader;
  close(): Promise<void>;
}
