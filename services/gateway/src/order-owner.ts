import { Problem } from '@waybill/http';

/** Asks the order service whether a caller may see an order; injected, because only a host knows how to reach it. */
export abstract class OrderOwner {
  /**
   * True when the order exists and the bearer of `authorization` may see it. Rejects with a 503 problem when the order
   * service cannot tell.
   */
  abstract sees(orderId: string, authorization: string): Promise<boolean>;
}

/** What the status that the order service answered for an order tells of who may see it. */
export function maySee(status: number): boolean {
  if (status < 500) return status === 200;
  throw new Problem(503, 'unavailable', 'the order service cannot answer now; try again', {
    headers: { 'retry-after': '2' },
  });
}
