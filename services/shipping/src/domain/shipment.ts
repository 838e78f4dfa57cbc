import type { Address, Message, ShippingMethod } from '@waybill/contracts';

/**
 * `quoted`: a carrier is chosen, and may have the booking already. `withdrawing`: the carrier refused, or nobody
 * knows whether it has the booking, which is being cancelled there before another one is tried. `cancel_pending`: a cancellation was promised.
 * `undone`: the cancellation came before the booking, which is refused when it comes.
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

/** What a carrier told of a parcel on its way. */
export const moves = ['picked_up', 'in_transit', 'delivered', 'undeliverable'] as const;
export type Move = (typeof moves)[number];

/** A move as its carrier told it; `at` is the carrier's time. */
export interface Fact {
  readonly status: Move;
  readonly at: string;
}

/** A carrier that was tried in vain, why, and what it told all the same. */
export interface Tried {
  readonly carrier: string;
  readonly because: string;
  readonly at: string;
  readonly facts: readonly Fact[];
}

/** Why an order is told no: `shipping_declined` means that no carrier takes such a parcel, now or later. */
export type RefusalReason = 'shipping_unavailable' | 'shipping_declined';

/** The parcel of an order. At any time at most one carrier, `carrier`, can have a live booking of it. */
export interface Shipment {
  readonly orderId: string;
  readonly id: string;
  /** Whose order it is; null when the command did not say. */
  readonly customerId: string | null;
  readonly status: ShipmentStatus;
  readonly address: Address | null;
  readonly method: ShippingMethod | null;
  readonly weightGrams: number | null;
  /** Where it is booked, or may be. */
  readonly carrier: string | null;
  /** Carriers still to be tried, cheapest first. */
  readonly candidates: readonly string[];
  /** Carriers that were tried in vain, the first one first. */
  readonly tried: readonly Tried[];
  readonly trackingNumber: string | null;
  readonly costAmount: number | null;
  readonly costCurrency: string | null;
  /** Why the order was told no; null while it was not. */
  readonly refusal: string | null;
  /** Null also on rows of earlier releases, which knew `shipping_unavailable` only. */
  readonly refusalReason: RefusalReason | null;
  /** Everything that the carrier told, also what came too early, and what can never be applied. */
  readonly facts: readonly Fact[];
  /** When the first carrier was chosen. */
  readonly since: string;
  readonly updatedAt: string;
}

/** What an order asks for. */
export interface ShipmentRequest {
  readonly orderId: string;
  readonly customerId?: string | undefined;
  readonly address: Address;
  readonly method: ShippingMethod;
  readonly weightGrams: number;
}

/** What a decision gives: the shipment afterwards, when it changes, and the messages that follow. */
export interface Outcome {
  readonly shipment?: Shipment;
  readonly send: readonly Message[];
}

/** What a decision may know beside state and message. */
export interface Moment {
  readonly now: Date;
  id(name: string): string;
}

export const nothing: Outcome = { send: [] };

/** A shipment of which nothing is known yet but its order. */
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

/** The order of an operation; undefined when it is not one of ours. */
export const orderIdOf = (operationId: string): string | undefined =>
  /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/book-shipment$/.exec(operationId)?.[1];

/** The statuses in which the carrier has the booking for certain. */
const live: readonly ShipmentStatus[] = [
  'booked',
  'picked_up',
  'in_transit',
  'delivered',
  'undeliverable',
];
export const isLive = ({ status }: Pick<Shipment, 'status'>): boolean => live.includes(status);

/** True once the parcel left us: nothing can be cancelled any more. */
export const isUnderWay = (shipment: Pick<Shipment, 'status'>): boolean =>
  isLive(shipment) && shipment.status !== 'booked';
