import type { IncomingMessage } from 'node:http';

/** How many bytes, and for how many milliseconds, an unwanted body is read. */
const mostBytes = 8 * 1_024 * 1_024;
const longest = 2_000;

/**
 * Reads and discards the rest of a body before the response that closes the connection; otherwise a caller that is still sending
 * would see a broken connection instead of the response. A body that is too large or too slow is not waited for.
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
