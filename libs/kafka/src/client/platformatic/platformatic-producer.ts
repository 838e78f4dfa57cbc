import type { Producer, ProducerOptions } from '@platformatic/kafka';
import type { NewRecord, RecordProducer, Refusal } from '../kafka-client.ts';
import { library } from './library.ts';
import { refusalOf, refusalsIn } from './library-errors.ts';

type Bytes = Producer<Buffer, Buffer, Buffer, Buffer>;
type Options = ProducerOptions<Buffer, Buffer, Buffer, Buffer>;

/** Sends by @platformatic/kafka: not idempotent, all in-sync replicas, no retries, and after an error a new connection. */
export class PlatformaticProducer implements RecordProducer {
  #producer: Promise<Bytes> | null = null;

  constructor(private readonly options: Options) {}

  async send(records: readonly NewRecord[]): Promise<readonly Refusal[]> {
    this.#producer ??= this.#make();
    const used = this.#producer;
    try {
      const producer = await used;
      await producer.send({
        acks: -1,
        messages: records.map(({ topic, partition, key, value, headers, timestamp }) => ({
          topic,
          partition,
          key: Buffer.from(key),
          value: Buffer.from(value),
          headers: bytesOf(headers),
          timestamp: BigInt(timestamp),
        })),
      });
      return [];
    } catch (error) {
      // One that was given up may fail late, when another is in use.
      if (this.#producer === used) void this.close();
      const refusals = refusalsIn(error);
      if (refusals) return refusals;
      throw refusalOf(error) ?? error;
    }
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    await (await producer?.catch(() => null))?.close().catch(() => undefined);
  }

  async #make(): Promise<Bytes> {
    const { Producer } = await library();
    const producer = new Producer({
      ...this.options,
      idempotent: false,
      retries: 0,
      // Else the library sends all again when one partition is refused, and what the others have is there twice.
      repeatOnStaleMetadata: false,
      autocreateTopics: false,
    });
    producer.on('error', () => undefined);
    return producer;
  }
}

const bytesOf = (headers: Readonly<Record<string, string>>): Map<Buffer, Buffer> =>
  new Map(Object.entries(headers).map(([name, value]) => [Buffer.from(name), Buffer.from(value)]));
