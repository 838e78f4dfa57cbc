import {
  BookAtCarrier,
  type Message,
  ShipmentBooked,
  ShipmentRejected,
  WithdrawBooking,
} from '@waybill/contracts';
import {
  type BookAnswer,
  type CancelAnswer,
  type CarrierBooking,
  StaleCall,
} from './carrier-answer.ts';
import { applyFacts } from './carrier-facts.ts';
import {
  emptyShipment,
  isLive,
  type Moment,
  nameOf,
  nothing,
  type Outcome,
  orderOf,
  type Parcel,
  type RefusalReason,
  type Shipment,
  type ShipmentRequest,
  storedAddress,
} from './shipment.ts';

/** Milliseconds after the first choice of a carrier, beyond which no further carrier is tried. */
export const patience = 5_000;

/** A booking that must be withdrawn, and why. */
export interface Withdrawal {
  readonly carrier: string;
  readonly because: string;
}

/**
 * Chooses a carrier. The choice is stored before the booking, so a booking that is repeated after a crash
 * goes to the same carrier, and an order never has two parcels.
 */
export function requestShipment(
  found: Shipment | undefined,
  request: ShipmentRequest,
  candidates: readonly string[] | undefined,
  moment: Moment,
  parcel: Parcel | null = null,
): Outcome {
  if (found) return { send: repeatedAnswer(found) };
  if (!candidates) throw new StaleCall(request.orderId);
  const asked = { ...newShipment(request, moment), parcel };
  const [carrier, ...rest] = candidates;
  if (carrier === undefined) {
    const { weightGrams, method, country } = request;
    const because = `no carrier takes ${weightGrams} g to ${country} by ${method}`;
    return refuse(asked, 'shipping_declined', because);
  }
  return bookAt({ ...asked, candidates: rest }, carrier);
}

/** No carrier responded in time; nothing was booked. */
export function giveUpQuoting(
  found: Shipment | undefined,
  request: ShipmentRequest,
  moment: Moment,
): Outcome {
  if (found) return { send: repeatedAnswer(found) };
  const asked = newShipment(request, moment);
  return refuse(asked, 'shipping_unavailable', 'no carrier answered in time');
}

/** Applies the carrier's result of the booking. */
export function takeBookAnswer(
  found: Shipment | undefined,
  carrier: string,
  answer: BookAnswer | undefined,
  now: Date,
): Outcome {
  if (!isBookingAt(found, carrier)) return nothing;
  if (!answer) throw new StaleCall(found.orderId);
  const shipment = { ...found, updatedAt: now.toISOString() };
  if (answer.outcome === 'booked') return booked(shipment, answer);
  // Even a clear refusal is not final: the same booking, sent before a crash, may still be in transit to the carrier.
  const because = shortened(answer.detail);
  return {
    shipment: { ...shipment, status: 'withdrawing' },
    send: [WithdrawBooking({ ...nameOf(shipment), carrier, because })],
  };
}

/** The carrier has no booking and accepts none, or it has the parcel; only in the first case another carrier is tried. */
export function takeWithdrawal(
  found: Shipment | undefined,
  { carrier, because }: Withdrawal,
  answer: CancelAnswer | undefined,
  now: Date,
): Outcome {
  if (!isWithdrawingAt(found, carrier)) return nothing;
  if (!answer) throw new StaleCall(found.orderId);
  const shipment = { ...found, updatedAt: now.toISOString() };
  return answer.outcome === 'too_late'
    ? booked(shipment, answer.booking)
    : tryNext(left(shipment, carrier, because), because, now);
}

/** True while the shipment waits for this carrier to book it. */
export const isBookingAt = (found: Shipment | undefined, carrier: string): found is Shipment =>
  found?.status === 'quoted' && found.carrier === carrier;

/** True while a booking at this carrier that was refused or has an unknown outcome is being cancelled. */
export const isWithdrawingAt = (found: Shipment | undefined, carrier: string): found is Shipment =>
  found?.status === 'withdrawing' && found.carrier === carrier;

/** The carrier has the booking: sends the reply, and applies facts that have already arrived. */
export function booked(shipment: Shipment, booking: CarrierBooking): Required<Outcome> {
  const moved = applyFacts(withBooking(shipment, booking));
  return { shipment: moved.shipment, send: [bookedReply(moved.shipment), ...moved.send] };
}

export const withBooking = (shipment: Shipment, booking: CarrierBooking): Shipment => ({
  ...shipment,
  status: 'booked',
  candidates: [],
  trackingNumber: booking.trackingNumber,
  costAmount: booking.cost.amount,
  costCurrency: booking.cost.currency,
});

/** The reply to the order, which is the same for every repetition of the command. */
export function repeatedAnswer(found: Shipment): readonly Message[] {
  if (found.refusal !== null) return [refusedReply(found, found.refusal)];
  if (isLive(found)) return [bookedReply(found)];
  return found.status === 'quoted' || found.status === 'withdrawing' ? [] : [undoneReply(found)];
}

/** Carriers send arbitrary text; messages and rows cannot contain U+0000 or lone surrogates. */
const shortened = (text: string): string =>
  text.replaceAll('\u0000', '').slice(0, 300).toWellFormed();

/** The shipment after a carrier failed. That carrier's facts do not apply to the next one. */
function left(shipment: Shipment, carrier: string, because: string): Shipment {
  const { updatedAt: at, facts } = shipment;
  return { ...shipment, tried: [...shipment.tried, { carrier, because, at, facts }], facts: [] };
}

function tryNext(shipment: Shipment, because: string, now: Date): Outcome {
  const [carrier, ...rest] = shipment.candidates;
  const late = now.getTime() - Date.parse(shipment.since) > patience;
  if (carrier === undefined || late) {
    return refuse({ ...shipment, carrier: null }, 'shipping_unavailable', because);
  }
  return bookAt({ ...shipment, candidates: rest }, carrier);
}

export const bookAt = (shipment: Shipment, carrier: string): Outcome => ({
  shipment: { ...shipment, status: 'quoted', carrier },
  send: [BookAtCarrier({ ...nameOf(shipment), carrier })],
});

function refuse(shipment: Shipment, refusalReason: RefusalReason, refusal: string): Outcome {
  const refused = { ...shipment, candidates: [], refusalReason, refusal };
  return {
    shipment: { ...refused, status: 'rejected' },
    send: [refusedReply(refused, refusal)],
  };
}

/** An older order service knows only `shipping_unavailable`, so a more specific reason is sent beside it. */
export const refusedReply = ({ refusalReason, ...shipment }: Shipment, detail: string): Message =>
  ShipmentRejected({
    orderId: orderOf(shipment),
    reason: 'shipping_unavailable',
    ...(refusalReason === 'shipping_declined' ? { final: true as const } : {}),
    detail,
  });

const undoneReply = (shipment: Shipment): Message =>
  ShipmentRejected({
    orderId: orderOf(shipment),
    reason: 'undone',
    detail: 'it was cancelled before',
  });

/** The reply for one parcel, or for all of an order. */
export function bookedReply(shipment: Shipment, ...others: readonly Shipment[]): Message {
  const more = others.length > 0 ? { others: others.map(bookingOf) } : {};
  return ShipmentBooked({ orderId: orderOf(shipment), ...bookingOf(shipment), ...more });
}

function bookingOf(shipment: Shipment) {
  const { orderId, id, carrier, trackingNumber, costAmount, costCurrency } = shipment;
  if (carrier === null || trackingNumber === null || costAmount === null || costCurrency === null) {
    throw new TypeError(`the shipment of order ${orderId} is ${shipment.status} without a booking`);
  }
  const cost = { amount: costAmount, currency: costCurrency };
  return { shipmentId: id, carrier, trackingNumber, cost };
}

function newShipment(request: ShipmentRequest, moment: Moment): Shipment {
  const { orderId, customerId, address, country, method, weightGrams } = request;
  const empty = emptyShipment(orderId, 'quoted', moment);
  const stored = { address: storedAddress(address, country), method, weightGrams };
  return { ...empty, customerId: customerId ?? null, ...stored };
}
