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
    try {
      this.#producer ??= this.#connect();
      const producer = await this.#producer;
      await producer.sendBatch({
        acks: -1,
        timeout: this.requestMs,
        compression: CompressionTypes.None,
        topicMessages: byTopic(records),
      });
    } catch (error) {
      void this.close();
      throw isRefusal(error) ? new RecordsRefused(error as Error) : error;
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

/** Kafka answered, and its answer is an error. */
function isRefusal(error: unknown): boolean {
  const { name, cause } = error as { name?: string; cause?: unknown };
  return name === 'KafkaJSProtocolError' || (cause instanceof Error && isRefusal(cause));
}
