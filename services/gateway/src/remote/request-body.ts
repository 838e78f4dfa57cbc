import type { IncomingMessage } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import { letBy } from '@waybill/http';

/**
 * A body as it is forwarded: null for none. It is read completely first, so that a slow sender does not occupy a connection of
 * the service, and so that it can be sent to another replica. A route that accepts more than `mostHeld` bytes gets it as a stream.
 */
export type RequestBody = Buffer | Readable | null;

/** The most bytes of a body that the gateway holds in memory. */
const mostHeld = 1_024 * 1_024;

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
  if (limit > mostHeld) return Promise.resolve(streamOf(request));
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

/** A stream of its own: if the service fails, it is destroyed instead of the request, which must still be answered. */
function streamOf(request: IncomingMessage): Readable {
  const body = new PassThrough();
  request.once('close', () => {
    if (!request.complete) body.destroy(new Error('the caller is gone'));
  });
  body.once('close', () => request.resume());
  return request.pipe(body);
}

async function tooLarge(request: IncomingMessage): Promise<'too large'> {
  await letBy(request);
  return 'too large';
}
