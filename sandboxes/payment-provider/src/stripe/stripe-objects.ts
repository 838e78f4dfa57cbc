import type Stripe from 'stripe';

/** Everything that the API returns by its id. */
export type StripeObject = Stripe.PaymentIntent | Stripe.Refund | Stripe.Dispute;

interface NewIntent {
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
  readonly method: string | null;
  readonly metadata: Record<string, string>;
  readonly created: number;
}

/** An intent that is not confirmed yet. */
export const newIntent = (made: NewIntent): Stripe.PaymentIntent => ({
  id: made.id,
  object: 'payment_intent',
  allowed_payment_method_types: ['card'],
  amount: made.amount,
  amount_capturable: 0,
  amount_received: 0,
  application: null,
  application_fee_amount: null,
  automatic_payment_methods: null,
  canceled_at: null,
  cancellation_reason: null,
  capture_method: 'manual',
  client_secret: `${made.id}_secret`,
  confirmation_method: 'automatic',
  created: made.created,
  currency: made.currency,
  customer: null,
  customer_account: null,
  description: null,
  excluded_payment_method_types: null,
  last_payment_error: null,
  latest_charge: null,
  livemode: false,
  managed_payments: null,
  metadata: made.metadata,
  next_action: null,
  on_behalf_of: null,
  payment_method: made.method,
  payment_method_configuration_details: null,
  payment_method_options: null,
  payment_method_types: ['card'],
  payment_record: null,
  processing: null,
  receipt_email: null,
  review: null,
  setup_future_usage: null,
  shipping: null,
  source: null,
  statement_descriptor: null,
  statement_descriptor_suffix: null,
  status: made.method === null ? 'requires_payment_method' : 'requires_confirmation',
  transfer_group: null,
});

/** A refund that has succeeded. */
export const newRefund = (
  id: string,
  intent: Stripe.PaymentIntent,
  made: Pick<Stripe.Refund, 'amount' | 'metadata' | 'created'>,
): Stripe.Refund => ({
  id,
  object: 'refund',
  ...made,
  balance_transaction: null,
  charge: intent.latest_charge,
  currency: intent.currency,
  customer: null,
  customer_account: null,
  payment_intent: intent.id,
  payment_method: intent.payment_method,
  reason: null,
  receipt_number: null,
  source_transfer_reversal: null,
  status: 'succeeded',
  transfer_reversal: null,
});

/** A dispute of the whole captured amount. */
export const newDispute = (
  id: string,
  intent: Stripe.PaymentIntent,
  created: number,
): Stripe.Dispute => ({
  id,
  object: 'dispute',
  amount: intent.amount_received,
  balance_transactions: [],
  charge: String(intent.latest_charge),
  created,
  currency: intent.currency,
  enhanced_eligibility_types: [],
  evidence: noEvidence,
  evidence_details: {
    due_by: created + 7 * 86_400,
    enhanced_eligibility: {},
    has_evidence: false,
    past_due: false,
    submission_count: 0,
  } as Stripe.Dispute['evidence_details'],
  intended_submission_method: null,
  is_charge_refundable: false,
  livemode: false,
  metadata: {},
  payment_intent: intent.id,
  reason: 'fraudulent',
  status: 'needs_response',
});

/** The types describe a dispute with evidence; until some is submitted there is none. */
const noEvidence = {} as Stripe.Dispute['evidence'];

/** A webhook about an object. */
export const newEvent = (
  id: string,
  type: string,
  object: StripeObject,
  created: number,
): Stripe.Event =>
  ({
    id,
    object: 'event',
    api_version: '2026-10-28.endive' satisfies Stripe.LatestApiVersion,
    created,
    data: { object },
    livemode: false,
    pending_webhooks: 1,
    request: null,
    type,
  }) as Stripe.Event;
