import { z } from 'zod';

/** False for text with U+0000 or a lone surrogate, which PostgreSQL and UTF-8 cannot hold. */
export const isStorable = (text: string): boolean =>
  !text.includes('\u0000') && text.isWellFormed();

/** Text of `min` to `max` characters that every store and broker can carry. */
export const text = (min: number, max: number) =>
  z.string().min(min).max(max).refine(isStorable, 'holds U+0000 or a lone surrogate');

export const orderId = z.uuid().meta({ id: 'OrderId' });

/** The id of an order as a caller writes it; what it gives is the id as everything here has it, in small letters. */
export const givenOrderId = z.uuid().toLowerCase();

/** Stock keeping unit. */
export const sku = z
  .string()
  .regex(/^[A-Z0-9][A-Z0-9-]{0,39}$/, 'is 1 to 40 capital letters, digits and hyphens')
  .meta({ id: 'Sku' });

export const line = z.strictObject({ sku, quantity: z.int().min(1).max(999) }).meta({ id: 'Line' });
export type Line = z.output<typeof line>;

export const address = z
  .strictObject({
    name: text(1, 100),
    line1: text(1, 200),
    line2: text(0, 200).nullish(),
    city: text(1, 100),
    postalCode: text(1, 20),
    country: z.string().regex(/^[A-Z]{2}$/, 'is an ISO 3166 country code of two capital letters'),
  })
  .meta({ id: 'Address' });
export type Address = z.output<typeof address>;

export const shippingMethod = z.enum(['standard', 'express']).meta({ id: 'ShippingMethod' });
export type ShippingMethod = z.output<typeof shippingMethod>;

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

/** An RFC 3339 moment in UTC. */
export const instant = z.iso.datetime();

/** A moment that a caller names: not so early, and not so exact, that a database or an id could not hold it. */
export const givenInstant = z.iso
  .datetime({ abort: true })
  .max(30, 'has more than nine decimals')
  .refine((at) => at >= '1970', 'is before 1970');

/** Keeps a field out of logs, and masked in dead letters; sensitive fields are found by this mark. */
export const sensitive = <S extends z.ZodType>(schema: S): S =>
  schema.meta({ sensitive: true }) as S;
