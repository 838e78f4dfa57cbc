import { command, encrypted, event, instant, reply, request, text } from '@waybill/message';
import { z } from 'zod';
import { warehouseCode } from './inventory.messages.ts';
import { money } from './money.ts';
import {
  type Address,
  address,
  country,
  orderId,
  rejectionReason,
  shippingMethod,
} from './values.ts';

const shipmentId = z.uuid();
const carrierName = text(1, 60);
/** Which parcel of the order; absent: its first. */
const parcel = z.int().min(2).max(100).optional();
/** How many parcels the order has; absent: one. */
const parcels = z.int().min(2).max(100).optional();

/** Requests that shipping books a carrier for an order. */
export const BookShipment = command('shipping.book-shipment', {
  version: 2,
  upcasters: {
    1: (old: { address: Address }) => ({ ...old, country: old.address.country }),
  },
  summary: 'Book the cheapest carrier that delivers the parcel of an order.',
  schema: z.strictObject({
    orderId,
    /** The owner of the parcel: the label is shown to nobody else. */
    customerId: text(1, 100).optional(),
    address: encrypted(address),
    /** That of the address: what quotes need. */
    country,
    method: shippingMethod,
    weightGrams: z.int().min(0),
    /** What each parcel weighs and where it lies, if there are several: all are booked, or none. */
    parcels: z
      .array(z.strictObject({ warehouse: warehouseCode, weightGrams: z.int().min(0) }))
      .min(2)
      .max(100)
      .optional(),
  }),
  key: (data) => data.orderId,
  qualifiers: (data) => [data.method],
  priority: (data) => (data.method === 'express' ? 'high' : 'normal'),
  // Ends with a business timeout to which shipping itself replies, not after a number of attempts.
  retry: 'unbounded',
});

/** Request of shipping to the adapter of each carrier, which has a queue of its own: the price of a parcel. */
export const QuoteParcel = request('shipping.quote-parcel', {
  summary: 'What a carrier charges for a parcel.',
  schema: z.strictObject({
    country,
    weightGrams: z.int().min(0),
    method: shippingMethod,
  }),
  key: (data) => data.country,
});

/** The answer to `QuoteParcel`: null if the carrier does not carry such parcels. */
export const quotedRate = z.object({
  rate: z.object({ cost: money, days: z.int().min(0) }).nullable(),
});
export type QuotedRate = z.output<typeof quotedRate>;

/** Undoes `BookShipment`, even before it has arrived or while its outcome is unknown. */
export const CancelShipment = command('shipping.cancel-shipment', {
  summary: 'Cancel the parcels of an order at their carriers.',
  schema: z.strictObject({ orderId, parcels }),
  key: (data) => data.orderId,
  priority: () => 'critical',
  retry: 'unbounded',
});

/**
 * Requests that the booked parcel of an order is cancelled, unless its carrier has it. `CancelShipment` promises a cancellation at
 * once; this is answered when the carrier has decided, so that nobody gets both the parcel and the money back.
 */
export const StopShipment = command('shipping.stop-shipment', {
  summary: 'Cancel the parcels of an order unless a carrier has one already.',
  schema: z.strictObject({ orderId, parcels }),
  key: (data) => data.orderId,
  priority: () => 'critical',
  retry: 'unbounded',
});

/** Shipping to itself: book at the carrier that the shipment names. The choice is stored before the booking is made. */
export const BookAtCarrier = command('shipping.book-at-carrier', {
  summary: 'Book the parcel of an order at the carrier chosen for it.',
  schema: z.strictObject({ orderId, parcel, parcels, carrier: carrierName }),
  key: (data) => data.orderId,
});

/** Shipping to itself: make sure that a carrier has no booking and accepts none, so that the next one can be tried. */
export const WithdrawBooking = command('shipping.withdraw-booking', {
  summary: 'Cancel a refused or doubtful booking before another carrier is tried.',
  schema: z.strictObject({
    orderId,
    parcel,
    parcels,
    carrier: carrierName,
    because: text(0, 300),
  }),
  key: (data) => data.orderId,
  retry: 'unbounded',
});

/** Shipping to itself: a cancellation was promised; repeat it until its carrier has answered. */
export const SettleCancel = command('shipping.settle-cancel', {
  summary: 'Finish a cancellation that its carrier has not answered yet.',
  schema: z.strictObject({ orderId, parcel, parcels, carrier: carrierName }),
  key: (data) => data.orderId,
  retry: 'unbounded',
});

const booking = z.strictObject({
  shipmentId,
  carrier: carrierName,
  trackingNumber: text(1, 60),
  cost: money,
});

export const ShipmentBooked = reply('shipping.shipment-booked', {
  summary: 'A carrier will come for the parcel, or carriers for all parcels.',
  schema: booking.extend({
    orderId,
    /** The bookings of the other parcels. */
    others: z.array(booking).min(1).max(99).optional(),
  }),
  key: (data) => data.orderId,
});

export const ShipmentRejected = reply('shipping.shipment-rejected', {
  summary:
    'No carrier takes the parcel, none answered in time, or the shipment was undone before it came.',
  schema: z.strictObject({
    orderId,
    reason: rejectionReason.extract(['shipping_unavailable']).or(z.literal('undone')),
    /** No carrier takes such a parcel and a retry never helps: the reason of the rejected order is `shipping_declined`. */
    final: z.literal(true).optional(),
    detail: text(0, 300),
  }),
  key: (data) => data.orderId,
});

export const ShipmentCancelled = reply('shipping.shipment-cancelled', {
  summary:
    'The parcel is cancelled, will be as soon as its outcome is known, or was handed to the carrier already.',
  schema: z.strictObject({
    orderId,
    state: z.enum(['cancelled', 'cancel_pending', 'never_booked', 'too_late']),
  }),
  key: (data) => data.orderId,
});

export const ShipmentStopped = reply('shipping.shipment-stopped', {
  summary: 'No carrier will come for the parcel.',
  schema: z.strictObject({ orderId }),
  key: (data) => data.orderId,
});

export const ShipmentNotStopped = reply('shipping.shipment-not-stopped', {
  summary: 'The parcel was handed to its carrier already and goes on.',
  schema: z.strictObject({ orderId }),
  key: (data) => data.orderId,
});

/** A parcel of several was stopped, but another was not: it has a new booking, and goes on like the other. */
export const ShipmentRebooked = event('shipping.shipment-rebooked', {
  summary: 'A parcel that was stopped in vain has a new booking.',
  schema: z.strictObject({
    orderId,
    shipmentId,
    carrier: carrierName,
    trackingNumber: text(1, 60),
  }),
  key: (data) => data.orderId,
});

/** The carrier reported progress of the parcel; reports may arrive out of order. */
export const ShipmentMoved = event('shipping.shipment-moved', {
  version: 2,
  upcasters: { 1: (old: object) => old },
  summary: 'A carrier reported where the parcel is.',
  schema: z.strictObject({
    orderId,
    shipmentId,
    status: z.enum(['picked_up', 'in_transit', 'delivered', 'undeliverable', 'returned']),
    at: instant,
  }),
  key: (data) => data.orderId,
});
