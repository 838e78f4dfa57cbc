import { enteredAddress, line, type ShippingMethod } from '@waybill/contracts';
import type { OfferMessage } from '@waybill/contracts/grpc';
import { z } from 'zod';

export const quoteStreamBody = z.strictObject({
  lines: z.array(line).min(1).max(100),
  shippingAddress: enteredAddress,
});
export type QuoteStreamBody = z.output<typeof quoteStreamBody>;

/** An offer, as `POST /api/v1/shipping/quotes` shows it. */
export function quoteOf({ carrier, method, cost, estimatedDays }: OfferMessage) {
  const shown: ShippingMethod = method === 'SHIPPING_METHOD_EXPRESS' ? 'express' : 'standard';
  return { carrier, method: shown, cost, estimatedDays };
}
