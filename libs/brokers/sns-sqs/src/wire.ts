import type { MessageAttributeValue } from '@aws-sdk/client-sns';
import type { Message } from '@aws-sdk/client-sqs';
import { type BodyText, bodyText, type Outgoing } from '@waybill/messaging';
import { isFilterable, overflowing } from './filter-policy.ts';

/** A message as SNS takes it. */
export interface Packed {
  readonly id: string;
  readonly key: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
  /** Bytes of body and attributes together: what the limit of SNS counts. */
  readonly bytes: number;
}

/** A message as it came from a queue. What a foreign client sent lacks the mark of ours. */
export interface Arrived extends BodyText {
  /** Null: it was sent by somebody who is not us. */
  readonly mark: Mark | null;
  readonly routingKey: string;
  readonly overflows: boolean;
}

/** What must be known of a message without reading its body, which may be anything. Travels as one attribute. */
export interface Mark {
  readonly channel: string;
  readonly key: string;
  readonly expiresAt?: string;
  /** The body is base64 of UTF-8, because SNS and SQS do not take every character. */
  readonly encoding?: 'base64';
  /** Only of a message that overflows. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** What XML can carry, and so SNS and SQS. */
const sendable = /^[\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]+$/u;
/** Base64 of no bytes that is not empty: SNS takes no empty message. */
const nothing = '=';
/** Raw delivery drops messages with more than ten; five are ours. */
const mostAttributes = 5;

/** Bytes that a request to SNS has at most: bodies and attributes of all its messages. */
export const largestRequest = 262_144;
/** A body that fits with attributes beside it, also as base64. */
export const largestBody = 184_320;

/** Puts a message into the form of SNS. */
export function pack({ channel, envelope, body }: Outgoing): Packed {
  const overflows = !fit(envelope.attributes);
  const plain = sendable.test(body);
  const mark: Mark = {
    channel,
    key: envelope.key,
    ...(envelope.expiresAt ? { expiresAt: envelope.expiresAt } : {}),
    ...(plain ? {} : { encoding: 'base64' }),
    ...(overflows ? { attributes: envelope.attributes } : {}),
  };
  const filterable = Object.entries(envelope.attributes).filter(([name]) => isFilterable(name));
  const attributes = textAttributes({
    id: envelope.id,
    type: envelope.type,
    routingKey: envelope.routingKey,
    waybill: asciiJson(mark),
    ...(envelope.traceparent ? { traceparent: envelope.traceparent } : {}),
    ...(overflows ? { [overflowing]: 'yes' } : Object.fromEntries(filterable)),
  });
  const packed = plain ? body : Buffer.from(body).toString('base64') || nothing;
  const bytes = Buffer.byteLength(packed) + sizeOf(attributes);
  return { id: envelope.id, key: envelope.key, body: packed, attributes, bytes };
}

function fit(attributes: Readonly<Record<string, string>>): boolean {
  const entries = Object.entries(attributes);
  return (
    entries.length <= mostAttributes &&
    entries.every(([name, value]) => isFilterable(name) && sendable.test(value))
  );
}

/** Attributes of the type String. */
export const textAttributes = (values: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(values).map(([name, StringValue]) => [
      name,
      { DataType: 'String', StringValue },
    ]),
  );

const sizeOf = (attributes: Packed['attributes']): number =>
  Object.entries(attributes).reduce(
    (sum, [name, { StringValue = '' }]) =>
      sum + Buffer.byteLength(name) + 'String'.length + Buffer.byteLength(StringValue),
    0,
  );

/** JSON that every queue takes: without characters that XML lacks, and without those that need two code units. */
export const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Reads what came from a queue; never throws: what cannot be read is handed over as it came. */
export function unpack(message: Message): Arrived {
  const body = message.Body ?? '';
  const attribute = (name: string) => message.MessageAttributes?.[name]?.StringValue;
  const mark = readMark(attribute('waybill'));
  return {
    ...(mark?.encoding === 'base64' ? bodyText(Buffer.from(body, 'base64')) : { body }),
    mark,
    routingKey: attribute('routingKey') ?? '',
    overflows: attribute(overflowing) !== undefined,
  };
}

function readMark(text: string | undefined): Mark | null {
  try {
    const found = JSON.parse(text ?? '') as Mark | null;
    const words = [found?.channel, found?.key, found?.expiresAt ?? ''];
    return words.every((word) => typeof word === 'string') ? found : null;
  } catch {
    return null;
  }
}
