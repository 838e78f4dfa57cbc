import { type Envelope, type Kind, type Priority, priorities } from '@waybill/message';
import {
  needsSubscriber,
  type Outgoing,
  type ReceivedBody,
  receivedBody,
  type Tried,
  wireBodyOf,
} from '@waybill/messaging';
import type { Message, MessageProperties, Options } from 'amqplib';

/** Header names of a message, also meant for readers with RabbitMQ's own tools. */
export const headers = {
  channel: 'channel',
  key: 'key',
  priority: 'priority',
  traceparent: 'traceparent',
  expiresAt: 'expires-at',
  publishedAt: 'published-at',
  partition: 'shard',
  gaveUp: 'gave-up',
  attempts: 'attempts',
  firstAt: 'first-at',
  attribute: 'attribute.',
} as const;

const shortString = 255;
const short = (text: string): string | undefined =>
  Buffer.byteLength(text) <= shortString ? text : undefined;

/** The priorities by which messages of this kind overtake others; only those that another party waits for do. */
export const prioritiesOf = (kind: Kind): readonly Priority[] =>
  kind === 'command' || kind === 'reply' || kind === 'task' ? priorities : ['normal'];

/** RabbitMQ's default maximum message size since 4.0. */
export const largestBody = 16 * 1024 * 1024;

/** The properties of a message, beside its body. */
export function propertiesOf(message: Outgoing, now: number): Options.Publish {
  const { channel, envelope } = message;
  const { id, type, correlationId, source, kind } = envelope;
  const { contentType, contentEncoding } = wireBodyOf(message);
  return {
    contentType,
    ...(contentEncoding ? { contentEncoding } : {}),
    persistent: kind !== 'live',
    ...(kind === 'live' ? timeToLive(envelope, now) : {}),
    mandatory: needsSubscriber.has(kind),
    timestamp: Math.floor(now / 1_000),
    messageId: short(id),
    type: short(type),
    correlationId: short(correlationId),
    appId: short(source),
    headers: {
      [headers.channel]: channel,
      [headers.key]: envelope.key,
      [headers.publishedAt]: now,
      ...(envelope.priority === 'normal' ? {} : { [headers.priority]: envelope.priority }),
      ...(envelope.traceparent === null ? {} : { [headers.traceparent]: envelope.traceparent }),
      ...(envelope.expiresAt === null ? {} : { [headers.expiresAt]: envelope.expiresAt }),
      ...attributesOf(envelope),
    },
  };
}

/** Only of live updates: RabbitMQ drops them, where other messages are delivered as expired. */
function timeToLive({ expiresAt }: Envelope, now: number): Options.Publish {
  return expiresAt === null ? {} : { expiration: Math.max(1, Date.parse(expiresAt) - now) };
}

/** Only attributes are headers that a filter matches. */
export const hasAttributes = ({ headers: found }: Options.Publish): boolean =>
  Object.keys(found ?? {}).some((name) => name.startsWith(headers.attribute));

const attributesOf = (envelope: Envelope): Record<string, string> =>
  Object.fromEntries(
    Object.entries(envelope.attributes).map(([name, value]) => [headers.attribute + name, value]),
  );

/** The body of a received message as text. */
export const bodyOf = ({
  content,
  properties: { type, contentType, contentEncoding },
}: Message): ReceivedBody =>
  receivedBody(
    content,
    {
      type: textOr(type),
      contentType: textOr(contentType),
      contentEncoding: textOr(contentEncoding),
    },
    largestBody,
  );

const textOr = (found: unknown): string | undefined =>
  typeof found === 'string' ? found : undefined;

/** A header as text, or null, because foreign messages may contain anything. */
export function textHeader(message: Message, name: string): string | null {
  const value: unknown = message.properties.headers?.[name];
  return typeof value === 'string' ? value : null;
}

/** A header as a number, or null. */
export function numberHeader(message: Message, name: string): number | null {
  const value: unknown = message.properties.headers?.[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** The index of the priority in `priorities`; an unknown one counts as normal. */
export function levelOf(message: Message): number {
  const found = priorities.indexOf(textHeader(message, headers.priority) as Priority);
  return found === -1 ? priorities.indexOf('normal') : found;
}

/** What its consumer told of a message when it put it into a retry queue. */
export function triedOf(message: Message): Tried | undefined {
  const attempts = numberHeader(message, headers.attempts);
  const firstAt = textHeader(message, headers.firstAt) ?? '';
  return attempts === null || Number.isNaN(Date.parse(firstAt)) ? undefined : { attempts, firstAt };
}

/** The properties of a received message for its next try, without the headers that RabbitMQ adds to a message that it moves. */
export function triedProperties(
  {
    contentType,
    timestamp,
    messageId,
    type,
    correlationId,
    appId,
    headers: found,
  }: MessageProperties,
  { attempts, firstAt }: Tried,
): Options.Publish {
  const kept = Object.entries(found ?? {}).filter(([name]) => !name.startsWith('x-'));
  return {
    contentType,
    persistent: true,
    timestamp,
    messageId,
    type,
    correlationId,
    appId,
    headers: {
      ...Object.fromEntries(kept),
      [headers.attempts]: attempts,
      [headers.firstAt]: firstAt,
    },
  };
}

/** When the message expires, in milliseconds since the epoch; infinity if never. */
export function expiryOf(message: Message): number {
  const text = textHeader(message, headers.expiresAt);
  const at = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? Number.POSITIVE_INFINITY : at;
}
