import {
  CompressionTypes,
  type Kafka,
  type Producer,
  type RecordMetadata,
  type TopicMessages,
} from 'kafkajs';
import type { Knobs } from '../../options.ts';
import {
  type NewRecord,
  type RecordProducer,
  RecordsRefused,
  type Refusal,
} from '../kafka-client.ts';
import { errorOfCode } from './produce-answers.ts';

interface ProducerKnobs extends Pick<Knobs, 'requestMs' | 'compressFrom'> {
  readonly idempotent: boolean;
}

/**
 * Sends by kafkajs, to all in-sync replicas. After an error it opens a new connection, because only the sender knows what to
 * send again, and in which order. Kafkajs itself sends again only as an idempotent producer, whose repetitions Kafka drops.
 */
export class KafkajsProducer implements RecordProducer {
  #producer: Promise<Producer> | null = null;

  constructor(
    private readonly make: () => Kafka,
    private readonly knobs: ProducerKnobs,
  ) {}

  async send(records: readonly NewRecord[]): Promise<readonly Refusal[]> {
    this.#producer ??= this.#connect();
    const used = this.#producer;
    try {
      const producer = await used;
      const answer = await producer.sendBatch({
        acks: -1,
        timeout: this.knobs.requestMs,
        compression: this.#compressionOf(records),
        topicMessages: byTopic(records),
      });
      const refusals = refusalsIn(records, answer);
      // The producer looked up the partition leaders long ago.
      if (refusals.length > 0 && this.#producer === used) void this.close();
      return refusals;
    } catch (error) {
      // A discarded producer may fail late, when another one is in use.
      if (this.#producer === used) void this.close();
      throw refusalOf(error) ?? error;
    }
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    await (await producer?.catch(() => null))?.disconnect().catch(() => undefined);
  }

  /** Small requests are sent as they are: compressing them costs more than it saves. */
  #compressionOf(records: readonly NewRecord[]): CompressionTypes {
    const size = records.reduce((sum, { value }) => sum + value.length, 0);
    return size < this.knobs.compressFrom ? CompressionTypes.None : CompressionTypes.GZIP;
  }

  async #connect(): Promise<Producer> {
    const { idempotent } = this.knobs;
    const producer = this.make().producer({
      idempotent,
      allowAutoTopicCreation: false,
      retry: { retries: idempotent ? 5 : 0, initialRetryTime: 50, maxRetryTime: 500 },
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
    });
    await producer.connect();
    return producer;
  }
}

function byTopic(records: readonly NewRecord[]): TopicMessages[] {
  const topics = new Map<string, TopicMessages['messages']>();
  for (const { topic, partition, key, value, headers, timestamp } of records) {
    const messages = topics.get(topic) ?? [];
    topics.set(topic, messages);
    messages.push({ partition, key, value, headers, timestamp: `${timestamp}` });
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }));
}

const unknownTopicOrPartition = 3;

const refusal = (topic: string, partition: number, code: number): Refusal => ({
  topic,
  partition,
  error: new RecordsRefused(errorOfCode(code), code),
});

/** The partitions that Kafka rejected, and missing ones, to which kafkajs sends nothing without an error. */
function refusalsIn(
  records: readonly NewRecord[],
  answer: readonly RecordMetadata[],
): readonly Refusal[] {
  const refusals = answer
    .filter(({ errorCode }) => errorCode !== 0)
    .map(({ topicName, partition, errorCode }) => refusal(topicName, partition, errorCode));
  const answered = new Set(answer.map(({ topicName, partition }) => `${topicName}/${partition}`));
  for (const { topic, partition } of records) {
    const place = `${topic}/${partition}`;
    if (answered.has(place)) continue;
    answered.add(place);
    refusals.push(refusal(topic, partition, unknownTopicOrPartition));
  }
  return refusals;
}

/** The chain of causes of an error, outermost first. */
function* chainOf(error: unknown): Generator<{ readonly name?: string; readonly code?: number }> {
  for (let at = error; at instanceof Error; at = at.cause) yield at;
}

/** Kafka returned an error for the lookup of partition leaders, before anything was sent. */
function refusalOf(error: unknown): RecordsRefused | null {
  const answer = [...chainOf(error)].find(({ name }) => name === 'KafkaJSProtocolError');
  return answer ? new RecordsRefused(error as Error, answer.code ?? -1) : null;
}
