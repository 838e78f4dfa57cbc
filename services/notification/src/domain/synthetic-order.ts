/** What is known of an order that the system has placed itself. */
export interface PlacedOrder {
  readonly id: string;
  readonly status: string;
  readonly reason: string | null;
}

/** What became of a synthetic order. */
export interface SyntheticResult {
  /** From the request to the outcome. */
  readonly ms: number;
  /** Null: it went as an order should. */
  readonly failure: string | null;
}

/** Why an order is not as it should be: confirmed, or rejected because of its card alone; null if it is. */
export function flawOf({ status, reason }: PlacedOrder): string | null {
  if (status === 'confirmed' || (status === 'rejected' && reason === 'payment_declined'))
    return null;
  return status === 'pending' ? 'no outcome in time' : `${status}: ${reason ?? 'without a reason'}`;
}
