import type { MessageAttributeValue } from '@aws-sdk/client-sns';
import type { Message } from '@aws-sdk/client-sqs';
import {
  jsonType,
  type Outgoing,
  type ReceivedBody,
  receivedBody,
  type WireBody,
  wireBodyOf,
} from '@waybill/messaging';
import { isFilterable, overflowing } from './filter-policy.ts';

/** A message in the form of SNS. */
export interface Packed {
  readonly id: string;
  readonly key: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
  /** Bytes of body and attributes together, as the limit of SNS counts them. */
  readonly bytes: number;
}

/** A message from a queue. One from a foreign client has no mark. */
export interface Arrived extends ReceivedBody {
  /** Null: sent by a foreign client. */
  readonly mark: Mark | null;
  readonly routingKey: string;
  readonly overflows: boolean;
}

/** What must be known without parsing the body, which may be anything. Sent as one attribute. */
export interface Mark {
  readonly channel: string;
  readonly key: string;
  readonly expiresAt?: string;
  /** The body is base64, because SNS and SQS do not accept every character. */
  readonly encoding?: 'base64';
  /** How the bytes are compressed that the base64 stands for. */
  readonly contentEncoding?: string;
  /** Absent: JSON. */
  readonly contentType?: string;
  /** Only for an overflowing message. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** The characters of XML, which are those that SNS and SQS accept. */
const sendable = /^[\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]+$/u;
/** Decodes to zero bytes but is not empty, because SNS rejects an empty message. */
const nothing = '=';
/** Raw delivery drops messages with more than ten attributes; the adapter uses up to five. */
const mostAttributes = 5;

/** Maximum bytes of an SNS request: bodies and attributes of all its messages. */
export const largestRequest = 262_144;
/** A body of this size fits with its attributes, also as base64. */
export const largestBody = 184_320;

/** Converts a message to the form of SNS. */
export function pack(message: Outgoing): Packed {
  const { channel, envelope } = message;
  const overflows = !fit(envelope.attributes);
  const { body, ...encoded } = textOf(message);
  const mark: Mark = {
    channel,
    key: envelope.key,
    ...(envelope.expiresAt ? { expiresAt: envelope.expiresAt } : {}),
    ...encoded,
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
  const bytes = Buffer.byteLength(body) + sizeOf(attributes);
  return { id: envelope.id, key: envelope.key, body, attributes, bytes };
}

type Encoding = Pick<Mark, 'encoding' | 'contentEncoding' | 'contentType'>;

/** The body as text that SNS accepts. Base64 takes a third more, so bytes that gain less are not sent. */
function textOf(message: Outgoing): Encoding & { readonly body: string } {
  const wire = wireBodyOf(message);
  if (typeof wire.content !== 'string') {
    const body = wire.content.toString('base64');
    if (body.length < Buffer.byteLength(message.body)) return { body, ...encodedAs(wire) };
  }
  if (sendable.test(message.body)) return { body: message.body };
  return { body: Buffer.from(message.body).toString('base64') || nothing, encoding: 'base64' };
}

const encodedAs = ({ contentEncoding, contentType }: WireBody): Encoding => ({
  encoding: 'base64',
  ...(contentEncoding ? { contentEncoding } : {}),
  ...(contentType === jsonType ? {} : { contentType }),
});

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

/** JSON that every queue accepts: without characters that XML lacks, and without surrogate pairs. */
export const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Reads a message from a queue; never throws. Unreadable content is passed on unchanged. */
export function unpack(message: Message): Arrived {
  const body = message.Body ?? '';
  const attribute = (name: string) => message.MessageAttributes?.[name]?.StringValue;
  const mark = readMark(attribute('waybill'));
  return {
    ...(mark?.encoding === 'base64'
      ? receivedBody(
          Buffer.from(body, 'base64'),
          { ...labelOf(mark), type: attribute('type') },
          largestBody,
        )
      : { body }),
    mark,
    routingKey: attribute('routingKey') ?? '',
    overflows: attribute(overflowing) !== undefined,
  };
}

const labelOf = ({ contentEncoding, contentType }: Mark) => ({
  ...(typeof contentEncoding === 'string' ? { contentEncoding } : {}),
  ...(typeof contentType === 'string' ? { contentType } : {}),
});

function readMark(text: string | undefined): Mark | null {
  try {
    const found = JSON.parse(text ?? '') as Mark | null;
    const words = [found?.channel, found?.key, found?.expiresAt ?? ''];
    return words.every((word) => typeof word === 'string') ? found : null;
  } catch {
    return null;
  }
}
