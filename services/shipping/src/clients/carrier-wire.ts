import { money } from '@waybill/contracts';
import { z } from 'zod';

/** The responses of carriers. Unknown properties are allowed, so carriers can add fields. */
const cost = money.refine(({ amount }) => amount >= 0, 'a carrier never pays us');

export const quoteAnswer = z.object({ cost, days: z.int().min(0).max(365) });

export const bookingAnswer = z.object({
  trackingNumber: z.string().regex(/^[A-Z0-9-]{4,40}$/),
  cost,
});

export const cancelAnswer = z.object({ status: z.enum(['cancelled', 'never_booked']) });

export const problemAnswer = z.object({
  code: z.string().max(100),
  detail: z.string().max(2_000).default(''),
  booking: z.unknown().optional(),
});
