/** Do and undo share the id of their operation, which is the idempotency key at the provider. */
export const authorization = (orderId: string): string => `${orderId}/authorize-payment`;

export const capture = (orderId: string): string => `${orderId}/capture-payment`;

export const refund = (orderId: string, refundId: string): string =>
  `${orderId}/refund-payment/${refundId}`;
