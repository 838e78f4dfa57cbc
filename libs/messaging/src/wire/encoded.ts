import { gzipSync } from 'node:zlib';
import { codecOf, type Envelope } from '@waybill/message';
import type { Outgoing } from '../broker.ts';
import { jsonType, type WireBody } from './wire-body.ts';

/** What bodies become on the wire. */
export interface Encodings {
  /** Bodies of more bytes are compressed; default 4 KiB. */
  readonly compressAbove: number;
  /** Whether the codecs of the contracts are used; default true. */
  readonly codecs: boolean;
}

/** Fastest: a higher level takes twice the time to save a few percent of JSON. */
const level = 1;

/** Whether text has more than `bytes` bytes in UTF-8; most text is decided by its length. */
export const isLarger = (text: string, bytes: number): boolean =>
  text.length > bytes || (text.length * 3 > bytes && Buffer.byteLength(text) > bytes);

/**
 * The message with its bytes by the codec of its contract, and compressed if they are many and become fewer by that; the same
 * object where its body is sent as it is.
 */
export function encoded(message: Outgoing, { compressAbove, codecs }: Encodings): Outgoing {
  const wire = codecs ? byCodec(message.envelope) : null;
  if (!wire && !isLarger(message.body, compressAbove)) return message;
  const content = wire?.content ?? Buffer.from(message.body);
  const contentType = wire?.contentType ?? jsonType;
  if (content.length > compressAbove) {
    const small = gzipSync(content, { level });
    if (small.length < content.length)
      return { ...message, wire: { content: small, contentType, contentEncoding: 'gzip' } };
  }
  return wire ? { ...message, wire } : message;
}

/** Null for JSON, which also carries what the codec refuses, such as the reference to a large body. */
function byCodec(envelope: Envelope): (WireBody & { readonly content: Buffer }) | null {
  const codec = codecOf(envelope.type);
  if (!codec) return null;
  try {
    const { buffer, byteOffset, byteLength } = codec.encode(envelope);
    const content = Buffer.from(buffer, byteOffset, byteLength);
    return { content, contentType: codec.contentType };
  } catch {
    return null;
  }
}
