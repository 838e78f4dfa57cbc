import type { IncomingMessage, ServerResponse } from 'node:http';
import { Problem, problemType } from '@waybill/service';
import { RateLimiterMemory } from 'rate-limiter-flexible';

/** Counts the requests of each address by the second, and refuses with 429 those above the limit. */
export class RateLimit {
  private readonly limiter: RateLimiterMemory;

  constructor(perSecond: number) {
    this.limiter = new RateLimiterMemory({ points: perSecond, duration: 1 });
  }

  /** Calls `pass` when the request may go on; else it has been answered. */
  async enter(request: IncomingMessage, response: ServerResponse, pass: () => void): Promise<void> {
    try {
      await this.limiter.consume(request.socket.remoteAddress ?? 'unknown');
    } catch {
      refuse(response);
      return;
    }
    pass();
  }
}

const problem = new Problem(
  429,
  'too_many_requests',
  'this address makes too many requests; slow down',
);

function refuse(response: ServerResponse): void {
  response.writeHead(429, { 'content-type': problemType, 'retry-after': '1' });
  response.end(JSON.stringify(problem.body()));
}
