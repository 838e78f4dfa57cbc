import {
  address,
  instant,
  money,
  rejectionReason,
  shippingMethod,
  taxClass,
} from '@waybill/contracts';
import { stepStatuses } from '@waybill/saga';
import { z } from 'zod';
import { orderStatuses } from '../domain/order.ts';
import { returnStatuses } from '../domain/return.ts';

const count = z.int().min(0);

/** A return as `viewOf` shows it. */
export const returnAnswer = z
  .strictObject({
    id: z.uuid(),
    orderId: z.uuid(),
    status: z.enum(returnStatuses),
    reason: z.string(),
    lines: z.array(
      z.strictObject({
        sku: z.string(),
        quantity: z.int().min(1),
        received: count,
        sellable: count.meta({ description: 'Of those received; they are on sale again' }),
        refused: count,
      }),
    ),
    refunded: money,
    requestedAt: instant,
    updatedAt: instant,
  })
  .meta({ id: 'Return' });

export const returnPageAnswer = z
  .strictObject({ items: z.array(returnAnswer), nextCursor: z.string().nullable() })
  .meta({ id: 'ReturnPage' });

const status = z.enum(orderStatuses as [string, ...string[]]);

/** An order as `viewOf` shows it, for the API document. */
export const orderAnswer = z
  .strictObject({
    id: z.uuid(),
    number: z.string(),
    status,
    reason: rejectionReason.nullable(),
    cancelReason: z.string().nullable(),
    customerId: z.string(),
    lines: z.array(
      z.strictObject({
        sku: z.string(),
        name: z.string(),
        quantity: z.int(),
        unitPrice: money,
        total: money,
      }),
    ),
    shippingAddress: address,
    shippingMethod,
    note: z.string().nullable(),
    subtotal: money,
    discount: money.meta({
      description: 'Of its voucher; total = subtotal - discount + shippingCost + tax',
    }),
    voucherCode: z.string().nullable(),
    shippingCost: money,
    tax: money,
    taxes: z.array(
      z.strictObject({
        class: taxClass,
        rate: z.number().min(0).meta({ description: 'In percent' }),
        net: money,
        tax: money,
      }),
    ),
    vatId: z.string().nullable(),
    reverseCharge: z
      .boolean()
      .meta({ description: 'The customer owes the tax, and pays none here' }),
    total: money,
    payment: z.strictObject({
      status: z.enum([
        'pending',
        'requires_action',
        'authorized',
        'captured',
        'declined',
        'voided',
        'partially_refunded',
        'refunded',
      ]),
      id: z.uuid().nullable(),
      actionUrl: z.string().nullable().meta({
        description: 'Where the customer confirms the payment, while its status is requires_action',
      }),
      authorized: money,
      captured: money,
      refunded: money,
      method: z.enum(['card', 'credit', 'card_and_credit']),
      credit: z
        .strictObject({ authorized: money, captured: money, refunded: money })
        .nullable()
        .meta({
          description: 'The part of the amounts that store credit pays; null until it is reserved',
        }),
    }),
    disputed: z
      .boolean()
      .meta({ description: 'The customer has disputed the payment at its provider' }),
    shipments: z.array(
      z.strictObject({
        id: z.uuid(),
        status: z.enum([
          'booked',
          'picked_up',
          'in_transit',
          'delivered',
          'undeliverable',
          'returned',
          'cancelled',
        ]),
        carrier: z.string(),
        trackingNumber: z.string(),
        labelUrl: z.string(),
      }),
    ),
    invoices: z
      .array(
        z.strictObject({
          number: z.string(),
          kind: z.enum(['invoice', 'credit_note']),
          total: money,
          issuedAt: instant,
          url: z.string(),
        }),
      )
      .meta({ description: 'Issued a moment after the order is confirmed, or refunded' }),
    returns: z.array(returnAnswer),
    placedAt: instant,
    updatedAt: instant,
    version: z.int(),
  })
  .meta({ id: 'Order' });

const nextCursor = z.string().nullable();

/** A page of orders; in the feed, each order with its change. */
export const orderPageAnswer = z
  .strictObject({
    items: z.array(
      orderAnswer.extend({
        changeId: z.int().optional(),
        change: z.strictObject({ type: z.string(), version: z.int(), at: instant }).optional(),
      }),
    ),
    nextCursor,
  })
  .meta({ id: 'OrderPage' });

/** A page of the history of an order. */
export const orderEventPageAnswer = z
  .strictObject({
    items: z.array(
      z.strictObject({
        changeId: z.int(),
        version: z.int(),
        type: z.string(),
        at: instant,
        data: z.record(z.string(), z.unknown()),
      }),
    ),
    nextCursor,
  })
  .meta({ id: 'OrderEventPage' });

/** A saga as shown to operators. */
export const sagaAnswer = z
  .strictObject({
    id: z.string(),
    saga: z.string(),
    definitionVersion: z.int(),
    orderId: z.uuid(),
    state: z.enum(['running', 'compensating', 'completed', 'aborted']),
    step: z.string(),
    stuck: z.boolean(),
    reason: z.string().nullable(),
    cancelRequested: z.string().nullable(),
    attempts: z.int(),
    dueAt: instant.nullable(),
    startedAt: instant,
    updatedAt: instant,
    steps: z.array(
      z.strictObject({
        name: z.string(),
        status: z.enum(stepStatuses),
      }),
    ),
    log: z.array(
      z.strictObject({
        at: instant,
        since: instant.optional(),
        step: z.string().nullable(),
        what: z.string(),
        detail: z.string().optional(),
        times: z.int().optional(),
      }),
    ),
    data: z.unknown().meta({ description: 'What the saga knows; personal data are masked' }),
    allowed: z.array(z.enum(['retry', 'compensate'])),
    audit: z
      .array(
        z.strictObject({
          at: instant,
          action: z.enum(['retry', 'compensate']),
          step: z.string().meta({ description: 'At which the saga was' }),
          by: z.string().meta({ description: 'The operator' }),
        }),
      )
      .meta({ description: 'What operators did to it, the oldest first' }),
  })
  .meta({ id: 'Saga' });

export const sagaPageAnswer = z
  .strictObject({ items: z.array(sagaAnswer), nextCursor })
  .meta({ id: 'SagaPage' });
