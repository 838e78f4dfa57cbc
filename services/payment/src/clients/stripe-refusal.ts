import Stripe from 'stripe';
import { ProviderRejected, ProviderUnreachable } from './provider-errors.ts';

/** Stripe understood a request and will not carry it out; the same request would be refused again. */
export class StripeRefusal {
  /** Why, in one word. */
  readonly reason: string;
  /** The key of the request belongs to a request with other parameters. */
  readonly isConflict: boolean;
  /** The card is the reason, or the amount, and not the form of the request. */
  readonly isDecline: boolean;
  /** The id of the payment that it is about, if there is one. */
  readonly intentId: string | null;

  constructor(private readonly error: InstanceType<typeof Stripe.errors.StripeError>) {
    const { code = '', decline_code: declined, param = '', payment_intent: intent } = error;
    this.reason = reasonOf(code, declined);
    this.isConflict = error instanceof Stripe.errors.StripeIdempotencyError;
    this.isDecline =
      error instanceof Stripe.errors.StripeCardError ||
      param === 'payment_method' ||
      code.startsWith('amount_too_');
    this.intentId = intent?.id ?? null;
  }

  /** The error for a caller that no result can be given. */
  rejection(operation: string): ProviderRejected {
    const { statusCode = 400, message } = this.error;
    return new ProviderRejected(operation, statusCode, message.slice(0, 200).toWellFormed());
  }
}

const reasons: Readonly<Record<string, string>> = {
  generic_decline: 'card_declined',
  payment_intent_authentication_failure: 'authentication_failed',
  resource_missing: 'invalid_token',
};

/** The reason of a refusal or of a failed payment; a `decline_code` is the more exact one. */
export function reasonOf(code: string | undefined, declined: string | undefined): string {
  const found = declined || code || 'refused';
  return (reasons[found] ?? found).slice(0, 200);
}

/**
 * A refusal, or throws what the error means: whether the call took effect is unknown, except where our key is wrong, which no
 * repeat corrects.
 */
export function refusalOf(operation: string, error: unknown): StripeRefusal {
  const { StripeAuthenticationError, StripePermissionError, StripeError } = Stripe.errors;
  if (!(error instanceof StripeError)) {
    throw new ProviderUnreachable(operation, error instanceof Error ? error.message : '', error);
  }
  if (error instanceof StripeAuthenticationError || error instanceof StripePermissionError) {
    throw new ProviderRejected(operation, error.statusCode ?? 401, 'the key is wrong');
  }
  const { StripeCardError, StripeInvalidRequestError, StripeIdempotencyError } = Stripe.errors;
  const isDefinite = [StripeCardError, StripeInvalidRequestError, StripeIdempotencyError].some(
    (kind) => error instanceof kind,
  );
  if (isDefinite) return new StripeRefusal(error);
  // The text may name the key, or whatever a proxy answers.
  throw new ProviderUnreachable(operation, `Stripe: ${error.type} ${error.statusCode ?? ''}`);
}
