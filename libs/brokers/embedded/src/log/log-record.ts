import { decode, type Envelope, MalformedEnvelope } from '@waybill/message';
import type { Outgoing } from '@waybill/messaging';

/** Where a message is in the log. */
export interface Place {
  readonly channel: string;
  readonly partition: number;
  /** Its number in its partition of its channel. */
  readonly offset: number;
  /** When it was appended, in milliseconds since the epoch. */
  readonly at: number;
}

/** A message in the log. The `data` of its envelope is only in its body. */
export interface LogRecord {
  readonly place: Place;
  readonly message: Outgoing;
}

/** A line with the place, a line with an envelope that the body does not hold, and the body. */
export function payloadOf({ channel, partition, offset, at }: Place, message: Outgoing): Buffer {
  const { envelope, body } = message;
  const line = body.startsWith(`{"id":"${envelope.id}"`)
    ? ''
    : JSON.stringify({ ...envelope, data: null });
  return Buffer.from(`${partition} ${offset} ${at} ${channel}\n${line}\n${body}`);
}

/** The place of a payload. */
export function placeOf(payload: Buffer): Place {
  const line = payload.toString('utf8', 0, payload.indexOf('\n'));
  const [partition, offset, at, channel = ''] = line.split(' ');
  return { channel, partition: Number(partition), offset: Number(offset), at: Number(at) };
}

/** The record of a payload at its place; null if this release cannot read its envelope. */
export function recordOf(payload: Buffer, place: Place): LogRecord | null {
  const first = payload.indexOf('\n') + 1;
  const second = payload.indexOf('\n', first) + 1;
  const line = payload.toString('utf8', first, second - 1);
  const body = payload.toString('utf8', second);
  const envelope = line === '' ? decodedOf(body) : (JSON.parse(line) as Envelope);
  if (!envelope) return null;
  return {
    place,
    message: { channel: place.channel, envelope: { ...envelope, data: null }, body },
  };
}

function decodedOf(body: string): Envelope | null {
  try {
    return decode(body);
  } catch (error) {
    if (error instanceof MalformedEnvelope) return null;
    throw error;
  }
}
