import type { Money } from '@waybill/contracts';

/** A booking of a carrier. */
export interface CarrierBooking {
  readonly trackingNumber: string;
  readonly cost: Money;
}

/** `refused`: this call made no booking, but an earlier identical one may have. `unknown`: it may have made one. */
export type BookAnswer =
  | ({ readonly outcome: 'booked' } & CarrierBooking)
  | { readonly outcome: 'refused'; readonly detail: string }
  | { readonly outcome: 'unknown'; readonly detail: string };

/** `cancelled`: the carrier has no live booking, and refuses one that comes later. `too_late`: it has the parcel. */
export type CancelAnswer =
  | { readonly outcome: 'cancelled' }
  | { readonly outcome: 'too_late'; readonly booking: CarrierBooking };

/** `ask` saw a state that needed no external call, but the decision needs one: the handler must run again. */
export class StaleCall extends Error {
  readonly code = 'stale_ask';
  readonly countsAsAttempt = false;
  constructor(orderId: string) {
    super(`the shipment of order ${orderId} changed while its carrier was asked`);
    this.name = 'StaleAsk';
  }
}
