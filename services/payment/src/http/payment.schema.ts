import { givenInstant, maxAmount, money, text } from '@waybill/contracts';
import { z } from 'zod';
import { flagKinds } from '../domain/payment-flag.ts';
import { providerEventTypes } from '../domain/provider-event.ts';

/** The webhook body of the sandbox provider; unknown fields are ignored, so the provider can add fields. */
export const providerWebhook = z.object({
  id: text(1, 200),
  type: text(1, 100),
  createdAt: givenInstant,
  data: z.object({
    operationId: text(1, 300),
    orderId: text(1, 100),
    chargeId: text(1, 200),
    amount: z.int().min(0).max(maxAmount),
    currency: z.string().regex(/^[A-Z]{3}$/),
  }),
});

/** What is read of every webhook body of Stripe. */
export const stripeWebhook = z.object({
  id: text(1, 200),
  type: text(1, 100),
  /** Seconds; the largest is in the year 9999. */
  created: z.int().min(0).max(253_402_300_799),
});

export const knownEventType = z.enum(providerEventTypes);

const at = z.iso.datetime();

const paymentFlag = z.strictObject({
  flag: z.enum(flagKinds),
  detail: z.string(),
  eventId: z.string().nullable(),
  occurredAt: at,
  at,
});

export const paymentSummary = z.strictObject({
  orderId: z.uuid(),
  paymentId: z.uuid(),
  status: z.enum([
    'requires_action',
    'authorized',
    'declined',
    'captured',
    'capture_refused',
    'void_pending',
    'voided',
    'undone',
  ]),
  provider: z.string(),
  chargeId: z.string().nullable(),
  credit: z
    .strictObject({
      status: z.enum(['reserved', 'declined', 'captured', 'released', 'undone']),
      amount: money.nullable(),
      refunded: money.nullable(),
    })
    .nullable()
    .meta({ description: 'The part of the amounts that store credit pays' }),
  authorized: money.nullable(),
  captured: money.nullable(),
  refunded: money.nullable(),
  declineReason: z.string().nullable(),
  detail: z.string(),
  actionUrl: z.string().nullable(),
  actionUntil: at.nullable(),
  unsettledSince: at.nullable(),
  flags: z.array(paymentFlag),
  createdAt: at,
  updatedAt: at,
});

export const paymentView = paymentSummary.extend({
  refunds: z.array(
    z.strictObject({
      refundId: z.uuid(),
      status: z.string(),
      amount: money,
      credit: money.meta({ description: 'The part of the amount that went to store credit' }),
      detail: z.string(),
      at,
    }),
  ),
  ledger: z.array(z.strictObject({ kind: z.string(), account: z.string(), amount: money, at })),
  providerCalls: z.array(
    z.strictObject({
      operationId: z.string(),
      kind: z.string(),
      outcome: z.string(),
      amount: z.int(),
      reason: z.string().nullable(),
      at,
    }),
  ),
});

export const paymentPage = z.strictObject({
  items: z.array(paymentSummary),
  nextCursor: z.string().nullable(),
});

export const flagPage = z.strictObject({
  items: z.array(paymentFlag.extend({ orderId: z.uuid() })),
  nextCursor: z.string().nullable(),
});
