import type { ServerResponse } from 'node:http';
import { answerProblem, Problem } from '@waybill/http';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { networkOf } from './network.ts';
import type { SharedCounts } from './shared-counts.ts';

/**
 * Counts the requests of each address (of IPv6, each /64) per second, and refuses those above the limit with 429. Counts over all gateways
 * if they share their counts; otherwise, and while the shared counts are unavailable, in this process.
 */
export class RateLimit {
  private readonly own: RateLimiterMemory;

  constructor(
    perSecond: number,
    private readonly shared: Pick<SharedCounts, 'within'> | null = null,
  ) {
    this.own = new RateLimiterMemory({ points: perSecond, duration: 1 });
  }

  /** Calls `pass` if the request of this address may continue; otherwise the request has been answered. */
  async enter(
    address: string | undefined,
    response: ServerResponse,
    pass: () => void,
  ): Promise<void> {
    if (await this.within(address)) pass();
    else answerProblem(response, tooMany);
  }

  /** Counts a request of an address; false if it is above the limit. */
  async within(address: string | undefined): Promise<boolean> {
    const network = networkOf(address);
    const told = this.shared ? await this.shared.within(network) : null;
    return told ?? (await this.isWithin(network));
  }

  private isWithin(network: string): Promise<boolean> {
    return this.own.consume(network).then(
      () => true,
      () => false,
    );
  }
}

/** The problem of a request above the limit. */
export const tooMany = new Problem(
  429,
  'too_many_requests',
  'this address makes too many requests; slow down',
  { headers: { 'retry-after': '1' } },
);
