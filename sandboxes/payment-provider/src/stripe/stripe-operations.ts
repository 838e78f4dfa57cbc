import type Stripe from 'stripe';
import { refusesCapture } from '../tokens.ts';
import type { StripeBooks, StripeChange } from './stripe-books.ts';
import { cardOutcome } from './stripe-cards.ts';
import { StripeError } from './stripe-error.ts';
import { newDispute, newIntent, newRefund } from './stripe-objects.ts';
import type { CaptureParams, IntentParams, RefundParams } from './stripe-requests.ts';

const change = (
  object: StripeChange['stored'][number],
  ...events: readonly string[]
): StripeChange => ({ stored: [object], events, answer: { status: 200, body: object } });

/** What Stripe does with payments, each a change of its books; throws a `StripeError` where nothing changes. */
export class StripeOperations {
  constructor(private readonly books: StripeBooks) {}

  createIntent(params: IntentParams, pageOf: (id: string) => string): StripeChange {
    const { payment_method: method = null, confirm, return_url } = params;
    const id = this.books.newId('pi');
    const created = this.books.seconds();
    const intent = newIntent({ id, ...params, method, created });
    if (!confirm) return change(intent);
    const outcome = cardOutcome(method ?? '');
    if (!outcome) throw StripeError.missing('PaymentMethod', method ?? '', 'payment_method');
    if (outcome.kind === 'declined') return this.decline(intent, outcome);
    if (outcome.kind === 'accepted') return this.reserve(intent);
    if (!return_url) throw StripeError.invalid('return_url is missing', { param: 'return_url' });
    const redirect = { url: pageOf(id), return_url };
    const next_action = { type: 'redirect_to_url', redirect_to_url: redirect };
    return change(
      { ...intent, status: 'requires_action', next_action },
      'payment_intent.requires_action',
    );
  }

  /** The customer confirms a payment or refuses to. */
  decide(id: string, approved: boolean): StripeChange | null {
    const intent = this.intent(id);
    if (intent.status !== 'requires_action') return null;
    if (approved) return this.reserve({ ...intent, next_action: null });
    const code = 'payment_intent_authentication_failure';
    return this.decline({ ...intent, next_action: null }, { code });
  }

  capture(id: string, { amount_to_capture, metadata }: CaptureParams): StripeChange {
    const intent = this.intent(id);
    if (intent.status !== 'requires_capture') throw unexpected(intent, 'captured');
    const amount = amount_to_capture ?? intent.amount;
    if (amount > intent.amount_capturable) {
      throw StripeError.invalid('the amount is larger than the amount that can be captured', {
        code: 'amount_too_large',
        param: 'amount_to_capture',
      });
    }
    if (refusesCapture(String(intent.payment_method))) {
      throw new StripeError(402, {
        type: 'card_error',
        code: 'card_declined',
        decline_code: 'generic_decline',
        message: 'the bank refuses the capture',
      });
    }
    const captured: Stripe.PaymentIntent = {
      ...intent,
      status: 'succeeded',
      amount_capturable: 0,
      amount_received: amount,
      metadata: { ...intent.metadata, ...metadata },
    };
    return change(captured, 'payment_intent.succeeded');
  }

  cancel(id: string): StripeChange {
    const intent = this.intent(id);
    if (intent.status === 'succeeded' || intent.status === 'canceled') {
      throw unexpected(intent, 'canceled');
    }
    const canceled: Stripe.PaymentIntent = {
      ...intent,
      status: 'canceled',
      canceled_at: this.books.seconds(),
      amount_capturable: 0,
      next_action: null,
    };
    return change(canceled, 'payment_intent.canceled');
  }

  refund({ payment_intent, amount, metadata }: RefundParams): StripeChange {
    const intent = this.intent(payment_intent);
    const left = intent.amount_received - this.books.refundedOf(intent.id);
    if (this.disputesOf(intent.id).length > 0) {
      throw StripeError.invalid('the charge is disputed', { code: 'charge_disputed' });
    }
    const isWhole = intent.amount_received > 0 && left === 0;
    const code = isWhole ? { code: 'charge_already_refunded' } : {};
    const asked = amount ?? left;
    if (asked < 1 || asked > left) throw StripeError.invalid('more than is left', code);
    const made = { amount: asked, metadata, created: this.books.seconds() };
    return change(newRefund(this.books.newId('re'), intent, made), 'refund.created');
  }

  /** The bank of the customer takes the whole amount back. */
  openDispute(intentId: string): StripeChange {
    const intent = this.intent(intentId);
    if (intent.status !== 'succeeded') throw unexpected(intent, 'disputed');
    const dispute = newDispute(this.books.newId('dp'), intent, this.books.seconds());
    return change(dispute, 'charge.dispute.created');
  }

  noteDispute(id: string, metadata: Record<string, string>): StripeChange {
    const dispute = this.dispute(id);
    return change({ ...dispute, metadata: { ...dispute.metadata, ...metadata } });
  }

  closeDispute(id: string): StripeChange {
    return change({ ...this.dispute(id), status: 'lost' }, 'charge.dispute.closed');
  }

  intent(id: string): Stripe.PaymentIntent {
    const found = this.books.intent(id);
    if (!found) throw StripeError.missing('payment_intent', id, 'intent');
    return found;
  }

  disputesOf(intentId: string): Stripe.Dispute[] {
    return this.books.all('dispute').filter(({ payment_intent }) => payment_intent === intentId);
  }

  private dispute(id: string): Stripe.Dispute {
    const found = this.books.dispute(id);
    if (!found) throw StripeError.missing('dispute', id, 'dispute');
    return found;
  }

  private reserve(intent: Stripe.PaymentIntent): StripeChange {
    const reserved: Stripe.PaymentIntent = {
      ...intent,
      status: 'requires_capture',
      amount_capturable: intent.amount,
      latest_charge: this.books.newId('ch'),
    };
    return change(reserved, 'payment_intent.amount_capturable_updated');
  }

  private decline(
    intent: Stripe.PaymentIntent,
    { code, declineCode }: { readonly code: string; readonly declineCode?: string },
  ): StripeChange {
    const error = {
      type: 'card_error',
      code,
      ...(declineCode && { decline_code: declineCode }),
      message: 'the card was declined',
    } as const;
    const failed: Stripe.PaymentIntent = {
      ...intent,
      status: 'requires_payment_method',
      last_payment_error: error,
    };
    const body = { error: { ...error, payment_intent: failed } };
    const events = ['payment_intent.payment_failed'];
    return { stored: [failed], events, answer: { status: 402, body } };
  }
}

const unexpected = (intent: Stripe.PaymentIntent, what: string) =>
  StripeError.invalid(`a payment that is ${intent.status} cannot be ${what}`, {
    code: 'payment_intent_unexpected_state',
    payment_intent: intent,
  });
