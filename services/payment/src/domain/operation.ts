/** Do and undo share the id of their operation, which is the idempotency key at the provider. */
export const authorization = (orderId: string): string => `${orderId}/authorize-payment`;

/** Reserving store credit. */
export const creditReservation = (orderId: string): string => `${orderId}/reserve-credit`;

export const capture = (orderId: string): string => `${orderId}/capture-payment`;

/** A refund that was refused is another operation when it is tried again. */
export const refund = (orderId: string, refundId: string, attempt = 1): string =>
  [orderId, 'refund-payment', refundId, ...(attempt > 1 ? [attempt] : [])].join('/');
