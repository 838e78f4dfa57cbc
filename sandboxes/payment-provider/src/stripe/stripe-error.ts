import type Stripe from 'stripe';

/** The `error` of a response, in Stripe's form. */
export interface StripeErrorBody {
  readonly type: 'card_error' | 'invalid_request_error' | 'idempotency_error' | 'api_error';
  readonly message: string;
  readonly code?: string;
  readonly decline_code?: string;
  readonly param?: string;
  readonly payment_intent?: Stripe.PaymentIntent;
}

/** A request that Stripe refuses. */
export class StripeError extends Error {
  constructor(
    readonly status: number,
    readonly error: StripeErrorBody,
  ) {
    super(error.message);
    this.name = 'StripeError';
  }

  /** The parameters are wrong, or do not fit the state of an object. */
  static invalid(message: string, more: Partial<StripeErrorBody> = {}): StripeError {
    return new StripeError(400, { type: 'invalid_request_error', message, ...more });
  }

  static missing(what: string, id: string, param: string): StripeError {
    const error = { message: `No such ${what}: '${id}'`, code: 'resource_missing', param };
    return new StripeError(param === 'payment_method' ? 400 : 404, {
      type: 'invalid_request_error',
      ...error,
    });
  }
}
