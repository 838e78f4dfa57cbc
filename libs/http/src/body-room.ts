import type { IncomingMessage, ServerResponse } from 'node:http';
import { Problem } from './problem.ts';

/** The memory for large bodies that are being received; a body is parsed before its caller is known. */
export class BodyRoom {
  private taken = 0;

  constructor(private readonly bytes: number) {}

  /** Takes room for the body of a request until its response is closed; a 503 problem if there is none. */
  enter(
    { headers }: IncomingMessage,
    response: ServerResponse,
    limit: number,
  ): Problem | undefined {
    const length = Math.min(Number(headers['content-length'] ?? limit), limit);
    if (this.taken + length > this.bytes) {
      return new Problem(503, 'overloaded', 'too many large bodies arrive at once; try again', {
        headers: { 'retry-after': '1' },
      });
    }
    this.taken += length;
    response.once('close', () => {
      this.taken -= length;
    });
    return undefined;
  }
}
