import { createRequire } from 'node:module';
import type { TopicIds } from '../topic-identity.ts';

interface Encoder {
  readonly buffer: Buffer;
  writeUVarIntBytes(): Encoder;
  writeUVarIntArray(entries: readonly Encoder[]): Encoder;
  writeUVarIntString(text: string): Encoder;
  writeInt8(value: number): Encoder;
  writeBuffer(bytes: Buffer): Encoder;
}
interface Decoder {
  readonly buffer: Buffer;
  offset: number;
  readInt8(): number;
  readInt16(): number;
  readInt32(): number;
  readUVarIntString(): string | null;
  readUVarIntArray<T>(read: (decoder: Decoder) => T): readonly T[];
  readTaggedFields(): unknown;
}

/** The part of a kafkajs broker that sends a request unknown to kafkajs. */
export interface SendingBroker {
  readonly connectionPool: { send(request: object): Promise<object> };
}

const metadata = 3;
/** The first version that reliably returns ids by name; every supported Kafka understands it. */
const version = 12;
const idLength = 16;

/** Requests the ids of topics, which kafkajs 2.2.4 cannot do; missing topics are omitted. */
export async function topicIdsOf(
  broker: SendingBroker,
  topics: readonly string[],
): Promise<TopicIds> {
  const answer = await broker.connectionPool.send({
    request: {
      apiKey: metadata,
      apiVersion: version,
      apiName: 'Metadata',
      encode: async () => requestOf(topics),
    },
    response: { decode: async (bytes: Buffer) => idsIn(bytes), parse: async (ids: object) => ids },
  });
  return answer as TopicIds;
}

/** The bytes of a request; the first `TAG_BUFFER` belongs to its header. */
export function requestOf(topics: readonly string[]): Encoder {
  const Encoding = createRequire(import.meta.url)('kafkajs/src/protocol/encoder') as {
    new (): Encoder;
  };
  const named = topics.map((topic) =>
    new Encoding()
      .writeBuffer(Buffer.alloc(idLength))
      .writeUVarIntString(topic)
      .writeUVarIntBytes(),
  );
  return new Encoding()
    .writeUVarIntBytes()
    .writeUVarIntArray(named)
    .writeInt8(0)
    .writeInt8(0)
    .writeUVarIntBytes();
}

/** The topic ids in a response. */
export function idsIn(bytes: Buffer): TopicIds {
  const Decoding = createRequire(import.meta.url)('kafkajs/src/protocol/decoder') as {
    new (bytes: Buffer): Decoder;
  };
  const decoder = new Decoding(bytes);
  decoder.readTaggedFields();
  decoder.readInt32(); // throttle time
  decoder.readUVarIntArray(skipNode);
  decoder.readUVarIntString(); // cluster id
  decoder.readInt32(); // controller id
  const topics = decoder.readUVarIntArray(readTopic);
  return new Map(topics.flatMap(({ error, name, id }) => (error || !name ? [] : [[name, id]])));
}

function skipNode(decoder: Decoder): void {
  decoder.readInt32(); // node id
  decoder.readUVarIntString(); // host
  decoder.readInt32(); // port
  decoder.readUVarIntString(); // rack
  decoder.readTaggedFields();
}

function readTopic(decoder: Decoder) {
  const error = decoder.readInt16();
  const name = decoder.readUVarIntString();
  const id = readId(decoder);
  decoder.readInt8(); // is internal
  decoder.readUVarIntArray(skipPartition);
  decoder.readInt32(); // authorized operations
  decoder.readTaggedFields();
  return { error, name, id };
}

function readId(decoder: Decoder): string {
  const hex = decoder.buffer.toString('hex', decoder.offset, decoder.offset + idLength);
  decoder.offset += idLength;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function skipPartition(decoder: Decoder): void {
  decoder.readInt16(); // error
  for (let field = 0; field < 3; field += 1) decoder.readInt32(); // index, leader, leader epoch
  for (let list = 0; list < 3; list += 1) decoder.readUVarIntArray((each) => each.readInt32()); // replicas, ISR, offline
  decoder.readTaggedFields();
}
