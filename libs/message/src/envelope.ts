import { type Kind, kinds } from './channel.ts';
import { type Contract, type Message, type Priority, priorities } from './contract.ts';
import { isStorable } from './fields.ts';
import { derivedId } from './id.ts';
import { momentText } from './moment.ts';

/** A message on the wire: the same on every broker, whatever headers of its own a broker adds. */
export interface Envelope {
  /** UUID version 7. A message that is published again keeps its id, so the inbox recognizes duplicates. */
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly kind: Kind;
  /** RFC 3339, UTC. */
  readonly occurredAt: string;
  /** Partition key: messages of one key and channel are ordered. */
  readonly key: string;
  /** The id of the first message (or HTTP request) of the conversation. */
  readonly correlationId: string;
  /** The id of the message that caused this one; null for the first of a conversation. */
  readonly causationId: string | null;
  /** W3C Trace Context, version 00. */
  readonly traceparent: string | null;
  readonly priority: Priority;
  readonly expiresAt: string | null;
  /** The service that published it. */
  readonly source: string;
  /** Version of the aggregate that the message is about, if it has one. */
  readonly sequence: number | null;
  /** Those that its contract derives from the data, and the headers that its publisher added. */
  readonly attributes: Readonly<Record<string, string>>;
  /** `type.v<version>` and the qualifiers of its contract; topic patterns are matched against it. */
  readonly routingKey: string;
  readonly data: unknown;
}

/** What a message inherits from its cause. */
export interface Cause {
  readonly id: string;
  readonly correlationId: string;
  readonly traceparent: string | null;
  readonly priority?: Priority;
}

/** Kinds of work that another party waits for. Without a priority of their own, they inherit that of their cause. */
const inheriting: ReadonlySet<Kind> = new Set(['command', 'reply', 'task', 'local']);

/** What distinguishes a message from the other messages of its decision. */
export interface Sending {
  readonly cause: Cause;
  readonly source: string;
  readonly now: Date;
  /** Unique among the messages of one cause. */
  readonly name: string;
  readonly sequence?: number | null;
}

/**
 * Wraps `message` in its envelope. The id is derived from the cause, so deciding again makes
 * the same id. Throws `MalformedEnvelope` for a key or an attribute that `decode` would reject.
 */
export function wrap(message: Message, { cause, source, now, name, sequence }: Sending): Envelope {
  const { contract, options } = message;
  const named = options.name && `${source}/${contract.type}/${options.name}`;
  const id = derivedId(cause.id, named ?? name);
  return envelopeOf(message, { id, causationId: cause.id, cause, source, now, sequence });
}

/** The envelope of a message without a cause: `first.cause.id` is its own id, and a conversation begins with it. */
export const wrapFirst = (
  message: Message,
  first: { readonly cause: Cause; readonly source: string; readonly now: Date },
): Envelope => envelopeOf(message, { ...first, id: first.cause.id, causationId: null });

function envelopeOf(
  { contract, data, options }: Message,
  from: Omit<Sending, 'name'> & { readonly id: string; readonly causationId: string | null },
): Envelope {
  const key = text('key', contract.key(data));
  const { priority: inherited = 'normal' } = inheriting.has(contract.kind) ? from.cause : {};
  const attributes = checkedAttributes({ ...contract.attributes(data), ...options.headers });
  return {
    id: from.id,
    type: contract.type,
    version: contract.version,
    kind: contract.kind,
    occurredAt: momentText(from.now),
    key,
    correlationId: from.cause.correlationId,
    causationId: from.causationId,
    traceparent: from.cause.traceparent,
    priority: options.priority ?? contract.priority(data) ?? inherited,
    expiresAt: options.expiresAt ?? expiryOf(contract, from.now),
    source: from.source,
    sequence: from.sequence ?? null,
    attributes,
    routingKey: routingKeyOf(contract, contract.qualifiers(data)),
    data,
  };
}

const expiryOf = ({ ttl }: Contract, now: Date): string | null =>
  ttl === null ? null : new Date(now.getTime() + ttl).toISOString();

const routingKeyOf = ({ type, version }: Contract, words: readonly string[]): string =>
  words.length === 0 ? `${type}.v${version}` : `${type}.v${version}.${words.join('.')}`;

/** The bytes of an envelope: JSON in UTF-8. */
export const encode = (envelope: Envelope): string => JSON.stringify(envelope);

/** An invalid envelope; a retry cannot succeed. Bytes from a broker become a dead letter unchanged. */
export class MalformedEnvelope extends Error {
  readonly retriable = false;
  readonly code = 'malformed_envelope';
  constructor(reason: string) {
    super(`not an envelope: ${reason}`);
    this.name = 'MalformedEnvelope';
  }
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
/** Longer text fits neither a PostgreSQL index nor an AMQP routing key. */
const longest = 255;

/** Reads bytes from a broker; throws `MalformedEnvelope` for anything but a valid envelope. `data` is not checked. */
export function decode(bytes: string): Envelope {
  const found = objectFrom(bytes);
  const id = textOf(found, 'id');
  if (!uuid.test(id)) throw new MalformedEnvelope('id is no UUID of version 7');
  const { version, sequence = null } = found;
  if (!isCount(version, 1)) throw new MalformedEnvelope('version is not an integer > 0');
  if (sequence !== null && !isCount(sequence, 0))
    throw new MalformedEnvelope('sequence is not an integer >= 0');
  return {
    id,
    type: textOf(found, 'type'),
    version,
    kind: oneOf(found, 'kind', kinds),
    occurredAt: momentOf(found, 'occurredAt'),
    key: textOf(found, 'key'),
    correlationId: textOf(found, 'correlationId'),
    causationId: found['causationId'] == null ? null : textOf(found, 'causationId'),
    traceparent: found['traceparent'] == null ? null : textOf(found, 'traceparent'),
    priority: oneOf(found, 'priority', priorities),
    expiresAt: found['expiresAt'] == null ? null : momentOf(found, 'expiresAt'),
    source: textOf(found, 'source'),
    sequence,
    attributes: attributesOf(found),
    routingKey: textOf(found, 'routingKey'),
    data: found['data'],
  };
}

type Found = Readonly<Record<string, unknown>>;

function objectFrom(bytes: string): Found {
  let value: unknown;
  try {
    value = JSON.parse(bytes);
  } catch {
    throw new MalformedEnvelope('invalid JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MalformedEnvelope('no JSON object');
  return value as Found;
}

/** Text that becomes a column: a value that PostgreSQL cannot store would fail the whole batch, and then its dead letter too. */
const textOf = (found: Found, field: string): string => text(field, found[field]);

function text(field: string, value: unknown): string {
  if (typeof value !== 'string') throw new MalformedEnvelope(`${field} is not a string`);
  if (value.length > longest)
    throw new MalformedEnvelope(`${field} is longer than ${longest} characters`);
  if (!isStorable(value)) throw new MalformedEnvelope(`${field} holds U+0000 or a lone surrogate`);
  return value;
}

function momentOf(found: Found, field: string): string {
  const value = textOf(found, field);
  if (!moment.test(value) || Number.isNaN(Date.parse(value)))
    throw new MalformedEnvelope(`${field} is not a time in UTC`);
  return value;
}

function oneOf<T extends string>(found: Found, field: string, allowed: readonly T[]): T {
  const value = found[field];
  if (!allowed.includes(value as T))
    throw new MalformedEnvelope(`${field} is none of ${allowed.join(', ')}`);
  return value as T;
}

function attributesOf(found: Found): Readonly<Record<string, string>> {
  const { attributes } = found;
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes))
    throw new MalformedEnvelope('attributes is not an object');
  return checkedAttributes(attributes as Found);
}

/** Bytes of names and values, twice what headers may have; brokers carry them beside the body. */
const largestAttributes = 8_192;

function checkedAttributes(attributes: Found): Readonly<Record<string, string>> {
  let bytes = 0;
  for (const name of Object.keys(attributes))
    bytes += Buffer.byteLength(name) + Buffer.byteLength(textOf(attributes, name));
  if (bytes > largestAttributes)
    throw new MalformedEnvelope(`attributes are larger than ${largestAttributes} bytes`);
  return attributes as Readonly<Record<string, string>>;
}

const isCount = (value: unknown, least: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= least;
