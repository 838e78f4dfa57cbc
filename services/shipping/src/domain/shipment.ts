import {
  type Address,
  derivedId,
  type Encrypted,
  type Message,
  type ShippingMethod,
} from '@waybill/contracts';

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
  'returned',
  'cancel_pending',
  'cancelled',
  'rejected',
  'undone',
] as const;
export type ShipmentStatus = (typeof shipmentStatuses)[number];

/** A carrier's reports about a parcel. `undeliverable` and `returned`: it is at the shop again, because of the address or the customer. */
export const moves = ['picked_up', 'in_transit', 'delivered', 'undeliverable', 'returned'] as const;
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

/** Which of several parcels of its order a shipment is. */
export interface Parcel {
  readonly orderId: string;
  /** Counted from 1. */
  readonly number: number;
  readonly of: number;
  readonly warehouse: string;
  /** How often it was booked again after it had been stopped. */
  readonly again?: number;
}

/** An address of which only the country is readable; in rows of earlier releases all of it is. */
export type StoredAddress = Address | { readonly country: string; readonly encrypted: string };

/** One parcel of an order. At any time at most one carrier, `carrier`, can have a live booking of it. */
export interface Shipment {
  /** The id of the order; a further parcel has a key of its own (`keyOf`). */
  readonly orderId: string;
  readonly id: string;
  /** Null if the order has one parcel. */
  readonly parcel: Parcel | null;
  /** The customer of the order; null if the command did not name one. */
  readonly customerId: string | null;
  readonly status: ShipmentStatus;
  readonly address: StoredAddress | null;
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

/** The address of a booking as it is stored. */
export const storedAddress = (address: Encrypted<Address>, country: string): StoredAddress =>
  typeof address === 'string' ? { country, encrypted: address } : address;

/** The content of an order's booking. */
export interface ShipmentRequest {
  readonly orderId: string;
  readonly customerId?: string | undefined;
  readonly address: Encrypted<Address>;
  readonly country: string;
  readonly method: ShippingMethod;
  readonly weightGrams: number;
  /** What each parcel weighs, if there are several. */
  readonly parcels?:
    | readonly { readonly warehouse: string; readonly weightGrams: number }[]
    | undefined;
}

/** The content of a parcel at its carrier. */
export interface BookingRequest
  extends Omit<ShipmentRequest, 'address' | 'country' | 'customerId' | 'parcels'> {
  readonly address: Address;
  /** Its idempotency key there. */
  readonly operationId: string;
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
  parcel: null,
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

/** The key of a parcel among all shipments. */
export const keyOf = (orderId: string, number = 1): string =>
  number === 1 ? orderId : derivedId(orderId, `parcel/${number}`);

/** The order of a shipment. */
export const orderOf = ({ orderId, parcel }: Pick<Shipment, 'orderId' | 'parcel'>): string =>
  parcel?.orderId ?? orderId;

/** How messages name a shipment. */
export function nameOf(shipment: Pick<Shipment, 'orderId' | 'parcel'>): {
  readonly orderId: string;
  readonly parcel?: number;
  readonly parcels?: number;
} {
  const { orderId, parcel } = shipment;
  if (!parcel) return { orderId };
  const { number, of } = parcel;
  return { orderId: parcel.orderId, ...(number > 1 ? { parcel: number } : {}), parcels: of };
}

/** Idempotency key of a shipment at every carrier. */
export function operationIdOf({ orderId, parcel }: Pick<Shipment, 'orderId' | 'parcel'>): string {
  const first = `${parcel?.orderId ?? orderId}/book-shipment`;
  if (!parcel || (parcel.number === 1 && !parcel.again)) return first;
  return `${first}/${parcel.number}${parcel.again ? `.${parcel.again}` : ''}`;
}

const operation =
  /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/book-shipment(?:\/([1-9]\d?|100)(?:\.[1-9]\d{0,2})?)?$/;

/** The order and parcel of an operation; undefined for an id that is not ours. */
export function parcelOf(
  operationId: string,
): { readonly orderId: string; readonly number: number } | undefined {
  const [, orderId, number = 1] = operation.exec(operationId) ?? [];
  return orderId === undefined ? undefined : { orderId, number: Number(number) };
}

/** The statuses in which the carrier certainly has the booking. */
const live: readonly ShipmentStatus[] = [
  'booked',
  'picked_up',
  'in_transit',
  'delivered',
  'undeliverable',
  'returned',
];
export const isLive = ({ status }: Pick<Shipment, 'status'>): boolean => live.includes(status);

/** True once the parcel has been picked up: nothing can be cancelled any more. */
export const isUnderWay = (shipment: Pick<Shipment, 'status'>): boolean =>
  isLive(shipment) && shipment.status !== 'booked';
