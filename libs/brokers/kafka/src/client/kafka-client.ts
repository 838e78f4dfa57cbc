import { bodyText } from '@waybill/messaging';
import type { TopicIds } from './topic-identity.ts';

/** The offset of a partition. */
export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** A record on its way to a partition. */
export interface NewRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
}

/** A record as it was read; nothing of it can be trusted. */
export interface StoredRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string;
  /** The value where it is no UTF-8. */
  readonly bytes?: Buffer;
  readonly headers: ReadonlyMap<string, string>;
}

/** What a record holds, as text and, where it is none, as it is. */
export function storedValue(
  value: Buffer | null | undefined,
): Pick<StoredRecord, 'value' | 'bytes'> {
  const { body, ...bytes } = bodyText(value ?? Buffer.alloc(0));
  return { value: body, ...bytes };
}

/** Numbers of errors of Kafka that say that a topic, or its partition, does not exist. */
const gone: ReadonlySet<number> = new Set([3, 100]);

/**
 * Those after which Kafka has stored nothing, and may take the same records a moment later: a partition was just made,
 * moves, or has too few replicas in sync.
 */
const passing: ReadonlySet<number> = new Set([...gone, 5, 6, 19, 74, 75, 103]);

/** Kafka answered that it does not take some of the records. */
export class RecordsRefused extends Error {
  readonly code = 'records_refused';
  /** None of them is stored, and they may be taken a moment later. */
  readonly passes: boolean;
  /** The topic, or the partition, does not exist. */
  readonly topicIsGone: boolean;

  constructor(cause: Error, kafkaCode: number) {
    super(`Kafka refused records: ${cause.message}`, { cause });
    this.name = 'RecordsRefused';
    this.passes = passing.has(kafkaCode);
    this.topicIsGone = gone.has(kafkaCode);
  }
}

/** What Kafka did not take of a send. */
export interface Refusal {
  readonly topic: string;
  readonly partition: number;
  readonly error: RecordsRefused;
}

/** Sends records. Never two sends at once: the caller waits for one before the next. */
export interface RecordProducer {
  /**
   * Resolves when Kafka has answered, with the partitions that it refused: all in-sync replicas have the records of the
   * others. Rejects with `RecordsRefused` when it took none, and does not say of which partition that tells; with
   * another error when it could not be asked: then it is not known which records it has.
   */
  send(records: readonly NewRecord[]): Promise<readonly Refusal[]>;
  close(): Promise<void>;
}

/** What a reader is given by its group. */
export interface Assignment {
  readonly memberId: string;
  readonly generation: number;
  /** Partitions of each topic. */
  readonly topics: ReadonlyMap<string, readonly number[]>;
  /** Of the topics that this reader reads: when one is deleted and made again, the reader fails. */
  readonly topicIds: TopicIds;
}

/** What a reader tells; none of these may throw. */
export interface ReaderEvents {
  /**
   * A new assignment; answers where to go on reading. Elsewhere it reads from what was committed of the same topic, or
   * from the first record.
   */
  joined(assignment: Assignment): readonly Position[];
  /** The group is about to be divided anew; commits that begin now still count. */
  rebalancing(): void;
  records(topic: string, partition: number, records: readonly StoredRecord[]): void;
  /** It reads no more. Told once, and not after `close`. */
  failed(error: Error): void;
}

/** Settings of one reader. */
export interface ReaderOptions {
  readonly group: string;
  /** Its topics, each with the number of its partitions. */
  readonly topics: ReadonlyMap<string, number>;
  /** Static membership under this name; null: a new member each time. */
  readonly instance: string | null;
}

/** A member of a group, from its first assignment to its failure or close. It does not come back by itself. */
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
  /** Partitions of each topic that exists. */
  topics(): Promise<ReadonlyMap<string, number>>;
  /** Creates a topic, or finds it there; resolves when it can be written and read. */
  createTopic(
    topic: string,
    partitions: number,
    settings: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** The offset after the last record of each partition. */
  ends(topic: string): Promise<readonly number[]>;
  /** The first offset of each partition. */
  starts(topic: string): Promise<readonly number[]>;
  /** The offset of the first record of each partition that is not older. */
  offsetsAt(topic: string, time: number): Promise<readonly number[]>;
  /** What a group has committed; null where it has not. */
  committed(
    group: string,
    topics: readonly string[],
  ): Promise<ReadonlyMap<string, readonly (number | null)[]>>;
  hasMembers(group: string): Promise<boolean>;
}

/** A library that talks with Kafka. */
export interface KafkaClient {
  readonly admin: KafkaAdmin;
  producer(): RecordProducer;
  reader(options: ReaderOptions, events: ReaderEvents): RecordReader;
  close(): Promise<void>;
}
