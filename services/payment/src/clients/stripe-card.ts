/** What the cards of our sandbox are called at Stripe in test mode. */
const testCards: ReadonlyMap<string, string> = new Map([
  ['tok_visa', 'pm_card_visa'],
  ['tok_mastercard', 'pm_card_mastercard'],
  ['tok_declined', 'pm_card_visa_chargeDeclined'],
  ['tok_insufficient_funds', 'pm_card_visa_chargeDeclinedInsufficientFunds'],
  ['tok_expired_card', 'pm_card_chargeDeclinedExpiredCard'],
  ['tok_3ds', 'pm_card_authenticationRequired'],
]);

/** The payment method of a token: Stripe's own (`pm_…`) stay as they are. */
export const paymentMethodOf = (token: string): string => testCards.get(token) ?? token;
