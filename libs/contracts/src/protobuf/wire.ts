import protobuf from 'protobufjs/minimal.js';
import type { Field, Shape } from './shape.ts';

type Writer = protobuf.Writer;
type Reader = protobuf.Reader;
type Data = Readonly<Record<string, unknown>>;

const varint = 0;
const fixed64 = 1;
const delimited = 2;

/** The bytes of data that fit the fields. Throws a `TypeError` for any other value. */
export function encodeFields(fields: readonly Field[], data: unknown): Uint8Array {
  const writer = protobuf.Writer.create();
  writeFields(writer, fields, data as Data);
  return writer.finish();
}

/** The data in bytes. Fields that are unknown are skipped; throws for bytes that are no such message. */
export const decodeFields = (fields: readonly Field[], bytes: Uint8Array): Data =>
  readFields(protobuf.Reader.create(bytes), bytes.length, fields);

function writeFields(writer: Writer, fields: readonly Field[], data: Data): void {
  for (const { name, number, shape, missing } of fields) {
    const value = data[name];
    const left = missing === 'null' ? value === null : missing === 'absent' && value === undefined;
    if (!left) writeValue(writer, number, shape, value, name);
  }
}

interface Scalar {
  readonly wire: number;
  readonly initial: unknown;
  readonly fits: (value: unknown) => boolean;
  readonly write: (writer: Writer, value: never) => void;
  readonly read: (reader: Reader) => unknown;
}

const scalars: Readonly<Record<string, Scalar>> = {
  string: {
    wire: delimited,
    initial: '',
    fits: (value) => typeof value === 'string',
    write: (writer, value) => writer.string(value),
    read: (reader) => reader.string(),
  },
  bool: {
    wire: varint,
    initial: false,
    fits: (value) => typeof value === 'boolean',
    write: (writer, value) => writer.bool(value),
    read: (reader) => reader.bool(),
  },
  double: {
    wire: fixed64,
    initial: 0,
    fits: (value) => typeof value === 'number',
    write: (writer, value) => writer.double(value),
    read: (reader) => reader.double(),
  },
  int64: {
    wire: varint,
    initial: 0,
    fits: Number.isSafeInteger,
    write: (writer, value) => writer.int64(value),
    read: (reader) => {
      const found = reader.int64() as unknown as number | { toNumber(): number };
      return typeof found === 'number' ? found : found.toNumber();
    },
  },
};

function writeValue(
  writer: Writer,
  number: number,
  shape: Shape,
  value: unknown,
  name: string,
): void {
  const start = (wire: number): Writer => writer.uint32((number << 3) | wire);
  const scalar = scalars[shape.kind];
  if (scalar?.fits(value)) scalar.write(start(scalar.wire), value as never);
  else if (shape.kind === 'enum' && shape.names.includes(value as string)) {
    start(varint).int32(shape.names.indexOf(value as string) + 1);
  } else if (shape.kind === 'message' && isObject(value)) {
    start(delimited).fork();
    writeFields(writer, shape.fields, value);
    writer.ldelim();
  } else if (shape.kind === 'values' && isObject(value)) {
    for (const [key, each] of Object.entries(value)) {
      writeEntry(start(delimited).fork(), key, each);
      writer.ldelim();
    }
  } else throw new TypeError(`${name} is not of the kind ${shape.kind}`);
}

const isObject = (value: unknown): value is Data => typeof value === 'object' && value !== null;

/** An entry of `map<string, google.protobuf.Value>`. */
function writeEntry(writer: Writer, key: string, value: unknown): void {
  writer.uint32((1 << 3) | delimited).string(key);
  writer.uint32((2 << 3) | delimited).fork();
  if (value === null) writer.uint32((1 << 3) | varint).int32(0);
  else if (typeof value === 'number') writer.uint32((2 << 3) | fixed64).double(value);
  else if (typeof value === 'string') writer.uint32((3 << 3) | delimited).string(value);
  else if (typeof value === 'boolean') writer.uint32((4 << 3) | varint).bool(value);
  else throw new TypeError(`${key} is not text, a number, a boolean or null`);
  writer.ldelim();
}

const wireOf = ({ kind }: Shape): number =>
  scalars[kind]?.wire ?? (kind === 'enum' ? varint : delimited);

/** The value of a field that is not sent: proto3 leaves out zero, false, and empty text. */
const initialOf = ({ kind }: Shape): unknown => (kind === 'values' ? {} : scalars[kind]?.initial);

function readFields(reader: Reader, end: number, fields: readonly Field[]): Data {
  const data: Record<string, unknown> = {};
  for (const { name, missing, shape } of fields) {
    const initial =
      missing === 'null' ? null : missing === 'default' ? initialOf(shape) : undefined;
    if (initial !== undefined) data[name] = initial;
  }
  eachTag(reader, end, (tag) => {
    const field = fields[(tag >>> 3) - 1];
    if (!field || wireOf(field.shape) !== (tag & 7)) reader.skipType(tag & 7);
    else data[field.name] = readValue(reader, field.shape, data[field.name]);
  });
  return data;
}

function readValue(reader: Reader, shape: Shape, before: unknown): unknown {
  if (shape.kind === 'message') return readFields(reader, endOf(reader), shape.fields);
  if (shape.kind === 'enum') return shape.names[reader.int32() - 1];
  if (shape.kind !== 'values') return scalars[shape.kind]?.read(reader);
  const [key, value] = readEntry(reader, endOf(reader));
  const values = (before ?? {}) as Record<string, unknown>;
  // Assigning `__proto__` would not make a property.
  const own = { value, enumerable: true, configurable: true, writable: true };
  return Object.defineProperty(values, key, own);
}

/** Calls `read` at each field up to the end of a message. */
function eachTag(reader: Reader, end: number, read: (tag: number) => void): void {
  while (reader.pos < end) read(reader.uint32());
  if (reader.pos !== end) throw new RangeError('a field is longer than its message');
}

/** Where the message ends whose length comes next. */
function endOf(reader: Reader): number {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new RangeError('a field is longer than its message');
  return end;
}

function readEntry(reader: Reader, end: number): readonly [string, unknown] {
  let key = '';
  let value: unknown = null;
  eachTag(reader, end, (tag) => {
    if (tag === ((1 << 3) | delimited)) key = reader.string();
    else if (tag === ((2 << 3) | delimited)) value = readScalar(reader, endOf(reader));
    else reader.skipType(tag & 7);
  });
  return [key, value];
}

/** A `google.protobuf.Value` without lists and structures. */
function readScalar(reader: Reader, end: number): unknown {
  let value: unknown = null;
  eachTag(reader, end, (tag) => {
    if (tag === ((2 << 3) | fixed64)) value = reader.double();
    else if (tag === ((3 << 3) | delimited)) value = reader.string();
    else if (tag === ((4 << 3) | varint)) value = reader.bool();
    else reader.skipType(tag & 7);
  });
  return value;
}
