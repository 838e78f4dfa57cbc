import { money } from '@waybill/contracts';
import { z } from 'zod';

/** What carriers may answer. Unknown properties are allowed: a carrier may add some without asking us. */
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
