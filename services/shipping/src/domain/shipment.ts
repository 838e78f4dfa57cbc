import type { Address, Message, ShippingMethod } from '@waybill/contracts';

/**
 * `quoted`: a carrier is chosen, and may already have the booking. `withdrawing`: the carrier refused or the outcome is unknown,
 * and the booking is being cancelled there before another carrier is tried. `cancel_pending`: a cancellation was promised.
 * `undone`: the cancellation arrived before the booking, which will be refused.
 */
export const shipmentStatuses = [
  'quoted',
  'withdrawing',
  'booked',
  'picked_up',
  'in_transit',
  'delivered',
  'undeliverable',
  'cancel_pending',
  'cancelled',
  'rejected',
  'undone',
] as const;
export type ShipmentStatus = (typeof shipmentStatuses)[number];

/** A carrier's reports about a parcel. */
export const moves = ['picked_up', 'in_transit', 'delivered', 'undeliverable'] as const;
export type Move = (typeof moves)[number];

/** A move as reported by its carrier; `at` is the carrier's time. */
export interface Fact {
  readonly status: Move;
  readonly at: string;
}

/** A carrier that failed, why, and its facts that arrived all the same. */
export interface Tried {
  readonly carrier: string;
  readonly because: string;
  readonly at: string;
  readonly facts: readonly Fact[];
}

/** Why an order is refused: `shipping_declined` means that no carrier takes such a parcel, now or later. */
export type RefusalReason = 'shipping_unavailable' | 'shipping_declined';

/** The parcel of an order. At any time at most one carrier, `carrier`, can have a live booking of it. */
export interface Shipment {
  readonly orderId: string;
  readonly id: string;
  /** The customer of the order; null if the command did not name one. */
  readonly customerId: string | null;
  readonly status: ShipmentStatus;
  readonly address: Address | null;
  readonly method: ShippingMethod | null;
  readonly weightGrams: number | null;
  /** The carrier that has or may have the booking. */
  readonly carrier: string | null;
  /** Carriers still to try, cheapest first. */
  readonly candidates: readonly string[];
  /** Carriers that failed, in the order in which they were tried. */
  readonly tried: readonly Tried[];
  readonly trackingNumber: string | null;
  readonly costAmount: number | null;
  readonly costCurrency: string | null;
  /** Why the order was refused; null if it was not. */
  readonly refusal: string | null;
  /** Null also on rows of earlier releases, which knew `shipping_unavailable` only. */
  readonly refusalReason: RefusalReason | null;
  /** All facts of the carrier, including early ones and those that can never be applied. */
  readonly facts: readonly Fact[];
  /** When the first carrier was chosen. */
  readonly since: string;
  readonly updatedAt: string;
}

/** The content of an order's booking. */
export interface ShipmentRequest {
  readonly orderId: string;
  readonly customerId?: string | undefined;
  readonly address: Address;
  readonly method: ShippingMethod;
  readonly weightGrams: number;
}

/** The result of a decision: the shipment, if it changes, and the messages to send. */
export interface Outcome {
  readonly shipment?: Shipment;
  readonly send: readonly Message[];
}

/** The context of a decision besides state and message. */
export interface Moment {
  readonly now: Date;
  id(name: string): string;
}

export const nothing: Outcome = { send: [] };

/** A new shipment of an order, without any result yet. */
export const emptyShipment = (
  orderId: string,
  status: ShipmentStatus,
  { now, id }: Moment,
): Shipment => ({
  orderId,
  id: id('shipment'),
  customerId: null,
  status,
  address: null,
  method: null,
  weightGrams: null,
  carrier: null,
  candidates: [],
  tried: [],
  trackingNumber: null,
  costAmount: null,
  costCurrency: null,
  refusal: null,
  refusalReason: null,
  facts: [],
  since: now.toISOString(),
  updatedAt: now.toISOString(),
});

/** Idempotency key of a shipment at every carrier. */
export const operationIdOf = (orderId: string): string => `${orderId}/book-shipment`;

/** The order of an operation; undefined for an id that is not ours. */
export const orderIdOf = (operationId: string): string | undefined =>
  /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/book-shipment$/.exec(operationId)?.[1];

/** The statuses in which the carrier certainly has the booking. */
const live: readonly ShipmentStatus[] = [
  'booked',
  'picked_up',
  'in_transit',
  'delivered',
  'undeliverable',
];
export const isLive = ({ status }: Pick<Shipment, 'status'>): boolean => live.includes(status);

/** True once the parcel has been picked up: nothing can be cancelled any more. */
export const isUnderWay = (shipment: Pick<Shipment, 'status'>): boolean =>
  isLive(shipment) && shipment.status !== 'booked';
