import type { Money } from '@waybill/contracts';

/** What a carrier booked. */
export interface CarrierBooking {
  readonly trackingNumber: string;
  readonly cost: Money;
}

/** `refused`: this call made no booking, an earlier one of the same may. `unknown`: it may have made one. */
export type BookAnswer =
  | ({ readonly outcome: 'booked' } & CarrierBooking)
  | { readonly outcome: 'refused'; readonly detail: string }
  | { readonly outcome: 'unknown'; readonly detail: string };

/** `cancelled`: the carrier has no live booking, and refuses one that comes later. `too_late`: it has the parcel. */
export type CancelAnswer =
  | { readonly outcome: 'cancelled' }
  | { readonly outcome: 'too_late'; readonly booking: CarrierBooking };

/** `ask` saw a state in which there was nothing to ask, but the decision finds one: it must be asked again. */
export class StaleAsk extends Error {
  readonly code = 'stale_ask';
  readonly countsAsAttempt = false;
  constructor(orderId: string) {
    super(`the shipment of order ${orderId} changed while its carrier was asked`);
    this.name = 'StaleAsk';
  }
}
