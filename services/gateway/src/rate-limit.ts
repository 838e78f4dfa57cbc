import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerProblem, Problem } from '@waybill/http';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { SharedCounts } from './shared-counts.ts';

/**
 * Counts the requests of each address by the second, and refuses with 429 those above the limit: over all gateways
 * where they share their counts, else, and while these are away, in this process.
 */
export class RateLimit {
  private readonly own: RateLimiterMemory;

  constructor(
    perSecond: number,
    private readonly shared: Pick<SharedCounts, 'within'> | null = null,
  ) {
    this.own = new RateLimiterMemory({ points: perSecond, duration: 1 });
  }

  /** Calls `pass` when the request may go on; else it has been answered. */
  async enter(request: IncomingMessage, response: ServerResponse, pass: () => void): Promise<void> {
    const address = request.socket.remoteAddress ?? 'unknown';
    const told = this.shared ? await this.shared.within(address) : null;
    if (told ?? (await this.isWithin(address))) pass();
    else answerProblem(response, tooMany);
  }

  private isWithin(address: string): Promise<boolean> {
    return this.own.consume(address).then(
      () => true,
      () => false,
    );
  }
}

const tooMany = new Problem(
  429,
  'too_many_requests',
  'this address makes too many requests; slow down',
  { headers: { 'retry-after': '1' } },
);
