import { z } from 'zod';
import { moves } from './booking.ts';
import { methods } from './tariff.ts';

const text = (max: number) => z.string().min(1).max(max);
const country = z.string().regex(/^[A-Z]{2}$/, 'is an ISO 3166 country code');
const weightGrams = z.int().min(0).max(100_000_000);
const operationId = z.string().regex(/^[\x21-\x7e]{1,200}$/, 'is 1 to 200 visible characters');

export const quoteBody = z.strictObject({ country, weightGrams, method: z.enum(methods) });

export const bookBody = z.strictObject({
  reference: text(100),
  method: z.enum(methods),
  weightGrams,
  address: z.strictObject({
    name: text(100),
    line1: text(200),
    line2: z.string().max(200).nullish(),
    city: text(100),
    postalCode: text(20),
    country,
  }),
});
export const bookHeaders = z.object({ 'idempotency-key': operationId });

export const cancelBody = z.strictObject({ operationId });
export const findQuery = z.strictObject({ operationId });

export const moveBody = z.strictObject({
  carrier: text(40),
  operationId,
  status: z.enum(moves),
});

export const supplyBody = z.strictObject({
  sku: text(64),
  quantity: z.int().min(1).max(1_000_000),
});
export const deliveryBody = z.strictObject({ orderId: operationId });
