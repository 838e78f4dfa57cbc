import { Problem } from '@waybill/http';

/** Checks with the order service whether a caller may see an order; injected, because only the host can reach the service. */
export abstract class OrderOwner {
  /**
   * True if the order exists and the bearer of `authorization` may see it. Rejects with a 503 problem if the order
   * service does not respond.
   */
  abstract sees(orderId: string, authorization: string): Promise<boolean>;
}

/** Whether a caller may see an order, from the status of the order service's response. */
export function maySee(status: number): boolean {
  if (status < 500) return status === 200;
  throw new Problem(503, 'unavailable', 'the order service cannot answer now; try again', {
    headers: { 'retry-after': '2' },
  });
}
