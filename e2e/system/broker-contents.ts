import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { gunzipSync } from 'node:zlib';
import { connect } from 'amqplib';
import { type EachMessagePayload, Kafka, logLevel } from 'kafkajs';

/** All messages that the topics of a namespace hold, with their headers, as kafkajs reads them. */
export async function kafkaContents(namespace: string): Promise<string[]> {
  const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const ends = await endsOf(kafka, `${namespace}.`);
  if (ends.size === 0) return [];
  const found: string[] = [];
  const consumer = kafka.consumer({ groupId: `${namespace}.search-${randomUUID()}` });
  await consumer.connect();
  const topics = [...new Set([...ends.keys()].map((place) => place.slice(0, place.indexOf('/'))))];
  await consumer.subscribe({ topics, fromBeginning: true });
  try {
    await new Promise<void>((resolve, reject) => {
      const eachMessage = async ({ topic, partition, message }: EachMessagePayload) => {
        const { value, headers = {}, offset } = message;
        const texts = Object.entries(headers).map(([name, text]) => [name, String(text)]);
        found.push(shown(value, Object.fromEntries(texts)));
        const place = `${topic}/${partition}`;
        if (BigInt(offset) + 1n >= (ends.get(place) ?? 0n)) ends.delete(place);
        if (ends.size === 0) resolve();
      };
      consumer.run({ eachMessage }).catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
  return found;
}

/** The text in a body, also of one that is compressed, and its headers; texts in protobuf are text among other bytes. */
function shown(body: Buffer | null, headers: Readonly<Record<string, unknown>>): string {
  const text = body && headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  return `${text} ${JSON.stringify(headers)}`;
}

/** The offset after the last message of each partition that has messages, by `topic/partition`. */
async function endsOf(kafka: Kafka, prefix: string): Promise<Map<string, bigint>> {
  const admin = kafka.admin();
  await admin.connect();
  const ends = new Map<string, bigint>();
  for (const topic of (await admin.listTopics()).filter((name) => name.startsWith(prefix)))
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic))
      if (low !== high) ends.set(`${topic}/${partition}`, BigInt(high));
  await admin.disconnect();
  return ends;
}

/** Copies of all messages that RabbitMQ takes from now on. */
export interface RabbitmqCopies {
  readonly messages: readonly string[];
  close(): Promise<void>;
}

/** Copies what is published to the exchanges of channels, because queues are empty when everything is processed. */
export async function rabbitmqCopies(
  namespace: string,
  channels: readonly string[],
): Promise<RabbitmqCopies> {
  const connection = await connect(process.env['RABBITMQ_URL'] ?? '');
  const messages: string[] = [];
  const copying = await connection.createChannel();
  const { queue } = await copying.assertQueue('', { exclusive: true });
  await copying.consume(
    queue,
    (message) => {
      if (!message) return;
      const { contentType, contentEncoding, headers } = message.properties;
      const all = { ...headers, 'content-type': contentType, 'content-encoding': contentEncoding };
      messages.push(shown(message.content, all));
    },
    { noAck: true },
  );
  for (const channel of channels) await copying.bindQueue(queue, `${namespace}.${channel}`, '#');
  return { messages, close: () => connection.close() };
}
