import { instant, local, orderId, text } from '@waybill/contracts';
import { z } from 'zod';
import { moves } from '../domain/shipment.ts';

/** A carrier's webhook about a parcel. Its id is derived from the webhook's, so it counts once. */
export const TakeCarrierFact = local('shipping.take-carrier-fact', {
  summary: 'Record a report of a carrier about a parcel.',
  schema: z.strictObject({
    orderId,
    /** Which parcel of the order, counted from 1. */
    parcel: z.int().min(1).max(100),
    carrier: text(1, 60),
    trackingNumber: text(1, 60),
    status: z.enum(moves),
    at: instant,
  }),
  key: (data) => data.orderId,
});
