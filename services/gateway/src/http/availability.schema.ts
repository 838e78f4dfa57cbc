import { sku } from '@waybill/contracts';
import { z } from 'zod';

const rule = 'is 1 to 50 SKUs, each in a parameter of its own';

/** A query of one SKU is a text, of several a list. */
export const availabilityQuery = z.strictObject({
  sku: z.preprocess(
    (value) => (typeof value === 'string' ? [value] : value),
    z
      .array(sku, rule)
      .min(1, rule)
      .max(50, rule)
      .refine((skus) => new Set(skus).size === skus.length, 'has a SKU twice'),
  ),
});
export type AvailabilityQuery = z.output<typeof availabilityQuery>;

export const availabilityAnswer = z.strictObject({
  products: z.array(
    z.strictObject({ sku, available: z.int().min(0) }).meta({ id: 'Availability' }),
  ),
});
