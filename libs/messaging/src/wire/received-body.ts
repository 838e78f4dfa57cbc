import { gunzipSync } from 'node:zlib';
import { codecOf } from '@waybill/message';
import { type BodyText, bodyText, type Outgoing } from '../broker.ts';
import { jsonType, type WireBody } from './wire-body.ts';

/** What a received message says of its bytes; a publisher of another release or another system says any text, or nothing. */
export interface WireLabel {
  readonly contentType?: string | undefined;
  readonly contentEncoding?: string | undefined;
  /** The type of the message, whose contract has the codec. */
  readonly type?: string | undefined;
}

/** A received body as text. With `gaveUp` it cannot be read, and the text is no message. */
export interface ReceivedBody extends BodyText {
  /** Why the message must become a dead letter. */
  readonly gaveUp?: string;
}

/** What an adapter sends for a message. */
export const wireBodyOf = ({ wire, body }: Pick<Outgoing, 'wire' | 'body'>): WireBody =>
  wire ?? { content: body, contentType: jsonType };

/**
 * Reads the bytes of a message by its label; a message without one is text, as of older releases. Never throws: a body that
 * cannot be read, or that is larger than `largest` bytes when it is decompressed, has a reason in `gaveUp` and comes as it is.
 */
export function receivedBody(content: Buffer, label: WireLabel, largest: number): ReceivedBody {
  const plain = decompressed(content, label.contentEncoding || 'identity', largest);
  if (typeof plain === 'string') return unreadable(content, plain);
  const { contentType = '', type = '' } = label;
  if (isJson(contentType)) return bodyText(plain);
  const codec = codecOf(type);
  if (codec?.contentType !== contentType)
    return unreadable(content, `${quoted(type)} has no content type ${quoted(contentType)}`);
  try {
    return { body: JSON.stringify(codec.decode(plain)) };
  } catch (error) {
    return unreadable(content, (error as Error).message);
  }
}

/** The decompressed bytes, or why there are none. */
function decompressed(content: Buffer, encoding: string, largest: number): Buffer | string {
  if (encoding === 'identity') return content;
  if (encoding !== 'gzip') return `content encoding ${quoted(encoding)} is unknown`;
  try {
    return gunzipSync(content, { maxOutputLength: largest });
  } catch (error) {
    const tooLarge = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
    return tooLarge ? `the body has more than ${largest} bytes` : 'the body is not valid gzip';
  }
}

const isJson = (contentType: string): boolean =>
  contentType === '' || contentType === jsonType || contentType.startsWith(`${jsonType};`);

/** The text of such a body cannot restore it, so its bytes are kept. */
const unreadable = (content: Buffer, gaveUp: string): ReceivedBody => ({
  body: content.toString('utf8'),
  bytes: content,
  gaveUp,
});

/** Foreign text, short enough for the reason of a dead letter. */
const quoted = (text: string): string => JSON.stringify(text.slice(0, 50));
