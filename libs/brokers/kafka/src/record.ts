import { type Envelope, partitionOf } from '@waybill/message';
import { type Outgoing, type WireBody, wireBodyOf } from '@waybill/messaging';
import type { NewRecord, StoredRecord } from './client/kafka-client.ts';

/** What decides which groups receive a record; read from the headers, or else from the body. */
export interface Routing {
  /** Null if it cannot be read: then every group of the channel receives the record. */
  readonly routingKey: string | null;
  readonly attributes: Envelope['attributes'];
  /** Milliseconds since the epoch. */
  readonly expiresAt: number | null;
}

/** A message as a record of its partition: the body is the value, the headers are for routing and for human readers. */
export function recordOf(
  message: Outgoing,
  place: { readonly topic: string; readonly partitions: number },
  now: number,
): NewRecord {
  const { envelope } = message;
  const wire = wireBodyOf(message);
  return {
    topic: place.topic,
    partition: partitionOf(envelope.key, place.partitions),
    key: envelope.key,
    value: wire.content,
    headers: headersOf(envelope, wire),
    timestamp: now,
  };
}

function headersOf(
  envelope: Envelope,
  { contentType, contentEncoding }: WireBody,
): Record<string, string> {
  const { attributes, traceparent, expiresAt } = envelope;
  return {
    id: envelope.id,
    type: envelope.type,
    version: String(envelope.version),
    kind: envelope.kind,
    source: envelope.source,
    'content-type': contentType,
    ...(contentEncoding ? { 'content-encoding': contentEncoding } : {}),
    'correlation-id': envelope.correlationId,
    'routing-key': envelope.routingKey,
    ...(traceparent ? { traceparent } : {}),
    ...(expiresAt ? { 'expires-at': expiresAt } : {}),
    ...(Object.keys(attributes).length > 0 ? { attributes: JSON.stringify(attributes) } : {}),
  };
}

/** Reads the headers, or the body of a record without them. */
export function routingOf({ headers, value }: StoredRecord): Routing {
  const routingKey = headers.get('routing-key');
  if (routingKey !== undefined) {
    return {
      routingKey,
      attributes: textsOf(fieldsOf(headers.get('attributes'))),
      expiresAt: momentOf(headers.get('expires-at')),
    };
  }
  const found = fieldsOf(value);
  return {
    routingKey: typeof found['routingKey'] === 'string' ? found['routingKey'] : null,
    attributes: textsOf(found['attributes']),
    expiresAt: momentOf(found['expiresAt']),
  };
}

function fieldsOf(json: string | undefined): Readonly<Record<string, unknown>> {
  if (!json?.trimStart().startsWith('{')) return {};
  try {
    return JSON.parse(json) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function textsOf(found: unknown): Envelope['attributes'] {
  if (typeof found !== 'object' || found === null) return {};
  const texts = Object.entries(found).filter(
    (each): each is [string, string] => typeof each[1] === 'string',
  );
  return Object.fromEntries(texts);
}

function momentOf(found: unknown): number | null {
  const time = typeof found === 'string' ? Date.parse(found) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}
