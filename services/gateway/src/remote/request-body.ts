import type { IncomingMessage } from 'node:http';
import { letBy } from '@waybill/http';

/**
 * A body as it is forwarded: null for none. It is read completely first, so that a slow sender does not occupy a connection of
 * the service, and so that it can be sent to another replica.
 */
export type RequestBody = Buffer | null;

/** The body, or why there is none: it is longer than `limit` bytes, or its sender has disconnected. */
export function bodyOf(
  request: IncomingMessage,
  limit: number,
): Promise<RequestBody | 'too large' | 'gone'> {
  const length = request.headers['content-length'];
  if (length === undefined && request.headers['transfer-encoding'] === undefined) {
    return Promise.resolve(null);
  }
  if (Number(length ?? 0) > limit) return tooLarge(request);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limit) chunks.push(chunk);
      else {
        request.removeAllListeners('data');
        resolve(tooLarge(request));
      }
    });
    request.once('end', () => resolve(bytes === 0 ? null : Buffer.concat(chunks)));
    request.once('close', () => resolve('gone'));
  });
}

async function tooLarge(request: IncomingMessage): Promise<'too large'> {
  await letBy(request);
  return 'too large';
}
