/** Asks the order service whether a caller may see an order; injected, because only a host knows how to reach it. */
export abstract class OrderOwner {
  /** True when the order exists and the bearer of `authorization` may see it. */
  abstract sees(orderId: string, authorization: string): Promise<boolean>;
}
