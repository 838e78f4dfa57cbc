import { isUtf8 } from 'node:buffer';

/** A body as text. `bytes` are there only where they are no UTF-8: then the text would not give them back. */
export interface BodyText {
  readonly body: string;
  readonly bytes?: Buffer;
}

/** Reads what came. Whoever looks for a character that no message should have finds out at once in most of them. */
export function bodyText(content: Buffer): BodyText {
  const body = content.toString('utf8');
  return body.includes('\ufffd') && !isUtf8(content) ? { body, bytes: content } : { body };
}
