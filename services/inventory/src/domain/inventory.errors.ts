/** A rule of inventory refuses the command; retries do not help. */
export class InventoryError extends Error {
  readonly retriable = false;

  constructor(
    readonly code:
      | 'unknown_sku'
      | 'wrong_currency'
      | 'precondition_failed'
      | 'idempotency_key_reused'
      | 'stock_full'
      | 'reservation_gone'
      | 'already_committed'
      | 'not_sold'
      | 'lines_differ'
      | 'stock_broken',
    message: string,
    /** The field of the request that the rule is about. */
    readonly path?: string,
  ) {
    super(message);
    this.name = 'InventoryError';
  }
}
