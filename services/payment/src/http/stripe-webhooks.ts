import { givenOrderId, maxAmount, text } from '@waybill/contracts';
import Stripe from 'stripe';
import { z } from 'zod';
import { fromStripe } from '../clients/stripe-amount.ts';
import type { ProviderEvent } from '../domain/provider-event.ts';
import { stripeWebhook } from './payment.schema.ts';
import type { ProviderWebhooks, WebhookRequest } from './provider-webhooks.ts';

const types: Readonly<Record<string, ProviderEvent['type']>> = {
  'payment_intent.amount_capturable_updated': 'charge.authorized',
  'payment_intent.payment_failed': 'charge.declined',
  'payment_intent.canceled': 'charge.voided',
  'payment_intent.succeeded': 'charge.captured',
  'refund.created': 'charge.refunded',
  'refund.failed': 'charge.refunded',
  'charge.dispute.created': 'charge.disputed',
};

const amount = z.int().min(0).max(maxAmount);
const common = {
  id: text(1, 200),
  amount,
  currency: z.string().regex(/^[a-z]{3}$/),
  metadata: z.record(z.string(), z.string().max(500)).nullable(),
};
/** Of the types above; everything else is not read. */
const subject = z.object({
  data: z.object({
    object: z.discriminatedUnion('object', [
      z.object({ ...common, object: z.literal('payment_intent'), amount_received: amount }),
      z.object({
        ...common,
        object: z.enum(['refund', 'dispute']),
        payment_intent: text(1, 200).nullable(),
      }),
    ]),
  }),
});
type Subject = z.output<typeof subject>['data']['object'];

const tolerance = 5 * 60;

/** Webhooks of Stripe, signed by its own scheme. */
export class StripeWebhooks implements ProviderWebhooks {
  readonly provider = 'stripe';

  constructor(
    private readonly secrets: readonly string[],
    /** The order of a payment, which refunds and disputes do not name; null if it is none of ours. */
    private readonly orderOf: (intentId: string) => Promise<string | null>,
  ) {}

  isSigned({ headers, rawBody }: WebhookRequest, now: Date): boolean {
    const signature = headers['stripe-signature'];
    if (!rawBody || signature === undefined || signature.length > 4_096) return false;
    return this.secrets.some((secret) => {
      try {
        Stripe.webhooks.constructEvent(
          rawBody,
          signature,
          secret,
          tolerance,
          undefined,
          now.getTime(),
        );
        return true;
      } catch {
        return false;
      }
    });
  }

  async eventOf({ body }: WebhookRequest): Promise<ProviderEvent | null> {
    const { id: eventId, type, created } = stripeWebhook.parse(body);
    const ours = types[type];
    if (!ours) return null;
    const { object } = subject.parse(body).data;
    const order = givenOrderId.safeParse(await this.orderIdOf(object));
    if (!order.success) return null;
    return {
      eventId,
      type: ours,
      orderId: order.data,
      operationId: type === 'refund.failed' ? `${object.id}/failed` : operationOf(object, ours),
      chargeId: object.object === 'payment_intent' ? object.id : (object.payment_intent ?? ''),
      ...fromStripe(amountOf(object, ours), object.currency),
      at: new Date(created * 1_000).toISOString(),
    };
  }

  private async orderIdOf(object: Subject): Promise<string | null> {
    if (object.object === 'payment_intent') return object.metadata?.['orderId'] ?? null;
    return object.payment_intent === null ? null : this.orderOf(object.payment_intent);
  }
}

/** What we did not request has no operation of ours. */
function operationOf({ id, metadata }: Subject, type: ProviderEvent['type']): string {
  return metadata?.[type === 'charge.captured' ? 'capturedBy' : 'operationId'] ?? id;
}

const amountOf = (object: Subject, type: ProviderEvent['type']): number =>
  object.object === 'payment_intent' && type === 'charge.captured'
    ? object.amount_received
    : object.amount;
