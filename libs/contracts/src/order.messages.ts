import {
  announcement,
  command,
  encrypted,
  event,
  instant,
  live,
  reply,
  text,
} from '@waybill/message';
import { z } from 'zod';
import { money } from './money.ts';
import { line, orderId, rejectionReason, shippingMethod } from './values.ts';

const customer = z.strictObject({
  id: text(1, 100),
  name: encrypted(text(0, 200)),
  email: encrypted(text(0, 320)),
});

/** A customer has placed an order; nothing is reserved or paid yet. */
export const OrderPlaced = event('order.placed', {
  summary: 'A customer placed an order.',
  schema: z.strictObject({
    orderId,
    customerId: text(1, 100),
    lines: z.array(line).min(1).max(100),
    total: money,
    shippingMethod,
    country: z.string().length(2),
    at: instant,
  }),
  key: (data) => data.orderId,
  qualifiers: (data) => [data.shippingMethod],
});

/** The order is paid, booked and sold, and waits for its carrier. */
export const OrderConfirmed = event('order.confirmed', {
  summary: 'The order is paid, booked and sold.',
  schema: z.strictObject({ orderId, customerId: text(1, 100), total: money, at: instant }),
  key: (data) => data.orderId,
});

/** The order was rejected, and all its completed steps are undone. */
export const OrderRejected = event('order.rejected', {
  version: 2,
  upcasters: { 1: (old: object) => old },
  summary: 'The order came to nothing and all that was done for it is undone.',
  schema: z.strictObject({
    orderId,
    customerId: text(1, 100),
    total: money,
    reason: rejectionReason,
    at: instant,
  }),
  key: (data) => data.orderId,
});

/** The customer cancelled the order, and all its completed steps are undone. */
export const OrderCancelled = event('order.cancelled', {
  summary: 'The customer called the order off.',
  schema: z.strictObject({ orderId, customerId: text(1, 100), total: money, at: instant }),
  key: (data) => data.orderId,
});

/** An order is worth more than analytics is set to notice. Published by analytics. */
export const HighValueOrder = event('order.high-value', {
  summary: 'An order is worth at least what analytics is set to notice.',
  schema: z.strictObject({
    orderId,
    customerId: text(1, 100),
    total: money,
    country: z.string().length(2),
    at: instant,
  }),
  key: (data) => data.orderId,
});

const europe = new Set(
  'AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK'.split(
    ' ',
  ),
);
const region = (country: string): string => (europe.has(country) ? 'europe' : 'world');

/** What happened to an order, or to a return of it; subscribers filter it by its attributes, and by the header `order-value` of its publisher. */
export const OrderAnnounced = announcement('order.announced', {
  version: 3,
  upcasters: { 1: (old: object) => old, 2: (old: object) => old },
  summary: 'How an order went, for customers, webhooks, analytics and replenishment.',
  schema: z.strictObject({
    orderId,
    number: text(1, 40),
    status: z.enum([
      'confirmed',
      'rejected',
      'cancelled',
      'shipped',
      'delivered',
      'returning',
      'refunded',
    ]),
    /** Of `returning` and `refunded`. */
    returnId: z.uuid().optional(),
    /** Of `refunded`. */
    refunded: money.optional(),
    reason: text(0, 300).nullable(),
    customer,
    lines: z.array(line).min(1).max(100),
    total: money,
    shippingMethod,
    country: z.string().length(2),
    at: instant,
  }),
  key: (data) => data.orderId,
  attributes: (data) => ({
    status: data.status,
    region: region(data.country),
    shippingMethod: data.shippingMethod,
  }),
  headers: true,
});

/** Inventory asks whether an old reservation is still needed; order releases it, aborts its saga or keeps it. */
export const ReviewReservation = command('order.review-reservation', {
  summary: 'Is this overdue reservation still wanted?',
  schema: z.strictObject({ orderId, lines: z.array(line).min(1).max(100), reservedAt: instant }),
  key: (data) => data.orderId,
  priority: () => 'low',
});

/** Order to itself: an order that held a voucher was rejected or cancelled, so that another order may use it. */
export const GiveVoucherBack = command('order.give-voucher-back', {
  summary: 'Count the voucher of an order that came to nothing as unused.',
  schema: z.strictObject({ orderId, customerId: text(1, 100), code: text(1, 40) }),
  key: (data) => data.orderId,
  priority: () => 'low',
  retry: 'unbounded',
});

/** A command of a saga became a dead letter, so its step failed. Published in the transaction that dead-letters the command. */
export const StepFailed = reply('order.step-failed', {
  summary: 'A command of a saga could not be carried out and is a dead letter.',
  schema: z.strictObject({
    orderId,
    command: text(1, 100),
    deadLetterId: text(1, 100),
    error: text(0, 1000),
  }),
  key: (data) => data.orderId,
});

/** The order changed; for live views. */
export const OrderUpdated = live('order.updated', {
  summary: 'An order changed.',
  // Whoever waits reads the order by then.
  ttl: 60_000,
  schema: z.strictObject({
    orderId,
    customerId: text(1, 100),
    status: text(1, 40),
    version: z.int(),
    at: instant,
  }),
  key: (data) => data.orderId,
});
