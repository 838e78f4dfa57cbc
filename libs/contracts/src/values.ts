import { text } from '@waybill/message';
import { z } from 'zod';

export const orderId = z.uuid().meta({ id: 'OrderId' });

/** The id of an order as a caller writes it; its output is in lower case, the form in which ids are stored. */
export const givenOrderId = z.uuid().toLowerCase();

/** Stock keeping unit. */
export const sku = z
  .string()
  .regex(/^[A-Z0-9][A-Z0-9-]{0,39}$/, 'is 1 to 40 capital letters, digits and hyphens')
  .meta({ id: 'Sku' });

export const line = z.strictObject({ sku, quantity: z.int().min(1).max(999) }).meta({ id: 'Line' });
export type Line = z.output<typeof line>;

export const country = z
  .string()
  .regex(/^[A-Z]{2}$/, 'is an ISO 3166 country code of two capital letters');

export const address = z
  .strictObject({
    name: text(1, 100),
    line1: text(1, 200),
    line2: text(0, 200).nullish(),
    city: text(1, 100),
    postalCode: text(1, 20),
    country,
  })
  .meta({ id: 'Address' });
export type Address = z.output<typeof address>;

export const shippingMethod = z.enum(['standard', 'express']).meta({ id: 'ShippingMethod' });
export type ShippingMethod = z.output<typeof shippingMethod>;

/** The language of a customer, and its country where that matters: `de` or `de-AT`. */
export const locale = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Z]{2})?$/, 'is a language such as de, or with its country such as de-AT')
  .meta({ id: 'Locale' });

/** An e-mail that a customer can turn off. */
export const emailTemplate = z
  .enum([
    'order-confirmed',
    'order-rejected',
    'order-cancelled',
    'order-shipped',
    'order-delivered',
    'order-returning',
    'order-refunded',
    'thank-you',
    'welcome',
  ])
  .meta({ id: 'EmailTemplate' });
export type EmailTemplate = z.output<typeof emailTemplate>;

/** How often a customer gets e-mails: each at once, or those of an hour or a day in one. */
export const digest = z.enum(['none', 'hourly', 'daily']).meta({ id: 'Digest' });
export type Digest = z.output<typeof digest>;

/** Which of a country's tax rates applies to a product: `zero` is never taxed. */
export const taxClass = z.enum(['standard', 'reduced', 'zero']).meta({ id: 'TaxClass' });
export type TaxClass = z.output<typeof taxClass>;

/** Why an order was rejected. */
export const rejectionReason = z
  .enum([
    'out_of_stock',
    'payment_declined',
    'payment_unavailable',
    'shipping_unavailable',
    'shipping_declined',
    'timed_out',
  ])
  .meta({ id: 'RejectionReason' });
export type RejectionReason = z.output<typeof rejectionReason>;
