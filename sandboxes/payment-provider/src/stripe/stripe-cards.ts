import { declineReason, needsAction } from '../tokens.ts';

/** How a payment with a card ends. */
export type CardOutcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'needs_action' }
  | { readonly kind: 'declined'; readonly code: string; readonly declineCode: string };

const declined = (code: string, declineCode: string): CardOutcome => ({
  kind: 'declined',
  code,
  declineCode,
});

/** Test cards of Stripe. */
const testCards: ReadonlyMap<string, CardOutcome> = new Map<string, CardOutcome>([
  ['pm_card_visa', { kind: 'accepted' }],
  ['pm_card_mastercard', { kind: 'accepted' }],
  ['pm_card_authenticationRequired', { kind: 'needs_action' }],
  ['pm_card_visa_chargeDeclined', declined('card_declined', 'generic_decline')],
  ['pm_card_visa_chargeDeclinedInsufficientFunds', declined('card_declined', 'insufficient_funds')],
  ['pm_card_chargeDeclinedExpiredCard', declined('expired_card', 'expired_card')],
]);

/** The outcome of a card; cards of our own sandbox add faults of the network. Undefined if there is no such card. */
export function cardOutcome(method: string): CardOutcome | undefined {
  const known = testCards.get(method);
  if (known || declineReason(method) !== null) return known;
  return { kind: needsAction(method) ? 'needs_action' : 'accepted' };
}
