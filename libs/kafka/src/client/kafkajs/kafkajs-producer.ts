import { CompressionTypes, type Kafka, type Producer, type TopicMessages } from 'kafkajs';
import { type NewRecord, type RecordProducer, RecordsRefused } from '../kafka-client.ts';

/**
 * Sends by kafkajs: not idempotent, all in-sync replicas, no retries of its own. After an error it begins with a new
 * connection, because only the sender knows what has to be sent again, and in which order.
 */
export class KafkajsProducer implements RecordProducer {
  #producer: Promise<Producer> | null = null;

  constructor(
    private readonly make: () => Kafka,
    private readonly requestMs: number,
  ) {}

  async send(records: readonly NewRecord[]): Promise<void> {
    this.#producer ??= this.#connect();
    const used = this.#producer;
    try {
      const producer = await used;
      await producer.sendBatch({
        acks: -1,
        timeout: this.requestMs,
        compression: CompressionTypes.None,
        topicMessages: byTopic(records),
      });
    } catch (error) {
      // One that was given up may fail late, when another is in use.
      if (this.#producer === used) void this.close();
      throw refusalOf(error) ?? error;
    }
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    await (await producer?.catch(() => null))?.disconnect().catch(() => undefined);
  }

  async #connect(): Promise<Producer> {
    const producer = this.make().producer({
      idempotent: false,
      allowAutoTopicCreation: false,
      retry: { retries: 0 },
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

/** The errors that an error tells of, outermost first. */
function* chainOf(error: unknown): Generator<{ readonly name?: string; readonly type?: string }> {
  for (let at = error; at instanceof Error; at = at.cause) yield at;
}

/** Kafka answered, and its answer is an error. */
function refusalOf(error: unknown): RecordsRefused | null {
  const answer = [...chainOf(error)].find(({ name }) => name === 'KafkaJSProtocolError');
  if (!answer) return null;
  return new RecordsRefused(error as Error, answer.type === 'UNKNOWN_TOPIC_OR_PARTITION');
}
