const declines: Readonly<Record<string, string>> = {
  tok_declined: 'card_declined',
  tok_insufficient_funds: 'insufficient_funds',
  tok_expired_card: 'expired_card',
};

const accepted: ReadonlySet<string> = new Set([
  'tok_visa',
  'tok_mastercard',
  'tok_timeout_then_success',
  'tok_error_then_success',
  'tok_capture_fails',
  'tok_slow',
  'tok_3ds',
]);

/** Why the card of `token` is declined, or null if it is accepted. */
export const declineReason = (token: string): string | null =>
  accepted.has(token) ? null : (declines[token] ?? 'invalid_token');

/** True for the card whose authorization succeeds and whose capture is refused. */
export const refusesCapture = (token: string): boolean => token === 'tok_capture_fails';

/** True for the card whose customer must confirm each payment. */
export const needsAction = (token: string): boolean => token === 'tok_3ds';

/** How the response to an authorization is delivered; `lost` and `error` hide an effect that happened. */
export type Delivery = 'answer' | 'slow' | 'lost' | 'error' | 'unreachable';

/** The delivery of a response; `first` is true for the request that created the charge. */
export function deliveryOf(token: string, first: boolean): Delivery {
  if (token === 'tok_unavailable') return 'unreachable';
  if (token === 'tok_slow') return 'slow';
  if (first && token === 'tok_timeout_then_success') return 'lost';
  if (first && token === 'tok_error_then_success') return 'error';
  return 'answer';
}

export const slowMs = 3_000;
