import type { IncomingMessage } from 'node:http';

/** Of a body that nobody wants, so much and for so long is read. */
const mostBytes = 8 * 1_024 * 1_024;
const longest = 2_000;

/**
 * Reads what is left of a body and forgets it, before the answer that closes the connection: a caller that still sends
 * then would find it broken, and never see why. Who sends too much or too slowly is not waited for.
 */
export function letBy(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return Promise.resolve();
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) return Promise.resolve();
  return new Promise((resolve) => {
    let bytes = 0;
    const timer = setTimeout(done, longest);
    function done(): void {
      clearTimeout(timer);
      request.off('data', count);
      resolve();
    }
    function count(chunk: Buffer): void {
      bytes += chunk.length;
      if (bytes > mostBytes) done();
    }
    request.once('end', done).once('close', done).on('data', count);
  });
}
