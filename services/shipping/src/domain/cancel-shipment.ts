import {
  type Message,
  SettleCancel,
  ShipmentCancelled,
  ShipmentNotStopped,
  ShipmentStopped,
} from '@waybill/contracts';
import {
  bookAt,
  isWithdrawingAt,
  refusedReply,
  type Withdrawal,
  withBooking,
} from './book-shipment.ts';
import { type CancelAnswer, StaleCall } from './carrier-answer.ts';
import { applyFacts } from './carrier-facts.ts';
import {
  emptyShipment,
  isUnderWay,
  type Moment,
  nameOf,
  nothing,
  type Outcome,
  type Shipment,
} from './shipment.ts';

/** True while a carrier may have a booking that can be cancelled. */
export const mayBeBooked = (
  shipment: Shipment | undefined,
): shipment is Shipment & { carrier: string } =>
  shipment !== undefined &&
  shipment.carrier !== null &&
  ['quoted', 'withdrawing', 'booked', 'cancel_pending'].includes(shipment.status);

/** Undoes a shipment in any state. Replies at once; an `unknown` result is settled later, without the order. */
export function cancelShipment(
  found: Shipment | undefined,
  orderId: string,
  answer: CancelAnswer | { readonly outcome: 'unknown' } | undefined,
  moment: Moment,
): Outcome {
  if (!found) {
    const undone = emptyShipment(orderId, 'undone', moment);
    return { shipment: undone, send: [reply(orderId, 'never_booked')] };
  }
  if (isUnderWay(found)) return { send: [reply(orderId, 'too_late')] };
  if (found.status === 'cancelled') return { send: [reply(orderId, 'cancelled')] };
  if (!mayBeBooked(found)) return { send: [reply(orderId, 'never_booked')] };
  if (!answer) throw new StaleCall(orderId);
  const shipment = { ...found, updatedAt: moment.now.toISOString() };
  switch (answer.outcome) {
    case 'cancelled':
      return { shipment: closed(shipment), send: [reply(orderId, 'cancelled')] };
    case 'too_late':
      return tooLate(shipment, answer, [reply(orderId, 'too_late')]);
    case 'unknown':
      return pending(shipment, [reply(orderId, 'cancel_pending')]);
  }
}

/** Cancels a parcel that its carrier does not have yet. Only the carrier knows, so nothing is replied without its answer. */
export function stopShipment(
  found: Shipment | undefined,
  orderId: string,
  answer: CancelAnswer | undefined,
  moment: Moment,
): Outcome {
  if (found && isUnderWay(found)) return { send: [ShipmentNotStopped({ orderId })] };
  const send = [ShipmentStopped({ orderId })];
  if (!found) return { shipment: emptyShipment(orderId, 'undone', moment), send };
  if (!mayBeBooked(found)) return { send };
  if (!answer) throw new StaleCall(orderId);
  const shipment = { ...found, updatedAt: moment.now.toISOString() };
  return answer.outcome === 'cancelled'
    ? { shipment: closed(shipment), send }
    : tooLate(shipment, answer, [ShipmentNotStopped({ orderId })]);
}

/** The carrier does not respond to a withdrawal: the order gets a refusal, and the cancellation continues on its own. */
export function giveUpWithdrawal(
  found: Shipment | undefined,
  { carrier, because }: Withdrawal,
  now: Date,
): Outcome {
  if (!isWithdrawingAt(found, carrier)) return nothing;
  const refusal = { refusal: because, refusalReason: 'shipping_unavailable' } as const;
  const shipment = { ...found, ...refusal, updatedAt: now.toISOString() };
  return pending({ ...shipment, carrier }, [refusedReply(shipment, because)]);
}

/** Another parcel of the order was refused, so this one is cancelled, without the order. */
export function giveUp(
  found: Shipment,
  because: Pick<Shipment, 'refusal' | 'refusalReason'>,
  now: Date,
): Outcome {
  const shipment = { ...found, ...because, updatedAt: now.toISOString() };
  return mayBeBooked(shipment) ? pending(shipment, []) : { shipment, send: [] };
}

/** The shipment was cancelled at its carrier, but has to be delivered: it is booked there once more, under a new key. */
export function bookAgain(found: Shipment, now: Date): Outcome {
  const { parcel, carrier } = found;
  if (!parcel || carrier === null) throw new TypeError(`${found.orderId} is no parcel of several`);
  const fresh = { trackingNumber: null, costAmount: null, costCurrency: null, facts: [] };
  const times = { parcel: { ...parcel, again: (parcel.again ?? 0) + 1 } };
  const at = { since: now.toISOString(), updatedAt: now.toISOString() };
  return bookAt({ ...found, ...fresh, ...times, ...at }, carrier);
}

/** True while a promised cancellation at this carrier is pending. */
export const isSettlingAt = (found: Shipment | undefined, carrier: string): found is Shipment =>
  found?.status === 'cancel_pending' && found.carrier === carrier;

/** Settles a promised cancellation: it is done, or the parcel is already under way. Nothing waits for a reply. */
export function settleCancel(
  found: Shipment | undefined,
  carrier: string,
  answer: CancelAnswer | undefined,
  now: Date,
): Outcome {
  if (!isSettlingAt(found, carrier)) return nothing;
  if (!answer) throw new StaleCall(found.orderId);
  const shipment = { ...found, updatedAt: now.toISOString() };
  return answer.outcome === 'cancelled'
    ? { shipment: closed(shipment), send: [] }
    : tooLate(shipment, answer, []);
}

function pending(shipment: Shipment & { carrier: string }, replies: readonly Message[]): Outcome {
  if (shipment.status === 'cancel_pending') return { send: replies };
  const { carrier } = shipment;
  return {
    shipment: { ...shipment, status: 'cancel_pending', candidates: [] },
    send: [...replies, SettleCancel({ ...nameOf(shipment), carrier })],
  };
}

/** The booking stays; facts that arrived in the meantime are applied. */
function tooLate(
  shipment: Shipment,
  answer: Extract<CancelAnswer, { outcome: 'too_late' }>,
  replies: readonly Message[],
): Outcome {
  const moved = applyFacts(withBooking(shipment, answer.booking));
  return { shipment: moved.shipment, send: [...replies, ...moved.send] };
}

const closed = (shipment: Shipment): Shipment => ({
  ...shipment,
  status: shipment.refusal === null ? 'cancelled' : 'rejected',
  candidates: [],
});

const reply = (
  orderId: string,
  state: 'cancelled' | 'cancel_pending' | 'never_booked' | 'too_late',
): Message => ShipmentCancelled({ orderId, state });
