import type { RejectionReason } from '@waybill/contracts';
import { WrongState } from './order.errors.ts';
import { happened, type OrderEvent } from './order.events.ts';
import { fold, type Order, type OrderStatus, transitions } from './order.ts';
import { bringBack } from './return.decisions.ts';
import { type CarrierFact, isUnderWay, moved, type Shipment } from './shipment.ts';

/** Paid and booked. Confirming again has no effect. */
export const confirm = (order: Order): OrderEvent[] =>
  enters(order, 'confirmed') ? then(order, happened('confirmed'), follow) : [];

/** Everything done is undone; the customer gets a reason. */
export const reject = (order: Order, reason: RejectionReason): OrderEvent[] =>
  enters(order, 'rejected') ? [{ type: 'rejected', data: { reason } }] : [];

/** Whether a cancel is news: false if one was requested before. Throws `WrongState` once a carrier has a parcel, or the order has ended. */
export function mayCancel(order: Order): boolean {
  if (order.status === 'cancelling' || order.status === 'cancelled') return false;
  if (!isOpen(order)) throw new WrongState(order.id, order.status, 'cancelled');
  if (order.shipments.some(isUnderWay)) throw new WrongState(order.id, 'shipped', 'cancelled');
  return order.cancelReason === null;
}

const isOpen = ({ status }: Order): boolean => status === 'pending' || status === 'confirmed';

/** The customer disputes the payment; further disputes change nothing. */
export const dispute = (order: Order): OrderEvent[] =>
  order.disputed ? [] : [happened('disputed')];

/** Whether a dispute cancels the order: no carrier has a parcel of it, and no cancel was requested before. */
export const isStoppable = (order: Order): boolean =>
  isOpen(order) && !order.shipments.some(isUnderWay) && order.cancelReason === null;

/** The customer requests a cancel. It may have to wait until the order is confirmed. */
export const requestCancel = (order: Order, reason: string): OrderEvent[] =>
  order.cancelReason === null ? [{ type: 'cancel-requested', data: { reason } }] : [];

/** The cancel begins: everything done is being undone. An order whose parcel has left stays as it is. */
export const beginCancel = (order: Order): OrderEvent[] =>
  isOpen(order) ? [happened('cancelling')] : [];

/** A carrier had a parcel first: the order goes on. */
export function refuseCancel(order: Order): OrderEvent[] {
  if (order.status !== 'cancelling') return [happened('cancel-refused')];
  const isPartial = order.shipments.length > 1 && !order.shipments.every(isUnderWay);
  return [happened('cancel-refused'), happened(isPartial ? 'partially-shipped' : 'shipped')];
}

/** A parcel that was stopped in vain has another booking. */
export const rebookShipment = (order: Order, booking: Omit<Shipment, 'status'>): OrderEvent[] =>
  order.shipments.some(
    ({ id, trackingNumber }) => id === booking.id && trackingNumber !== booking.trackingNumber,
  )
    ? [{ type: 'shipment-rebooked', data: booking }]
    : [];

/** Cancelled, and everything done is undone. */
export const cancel = (order: Order): OrderEvent[] =>
  enters(order, 'cancelled') ? [happened('cancelled')] : [];

/** A carrier reports the state of a parcel; a known or outdated report changes nothing. */
export function moveShipment(order: Order, fact: CarrierFact): OrderEvent[] {
  const known = order.early.some(
    (each) => each.shipmentId === fact.shipmentId && each.status === fact.status,
  );
  if (known) return [];
  const next = moved(order, fact);
  const news = next.shipments.filter((shipment, i) => shipment !== order.shipments[i]);
  if (news.length === 0 && next.early.length === order.early.length) return [];
  return then(order, { type: 'shipment-moved', data: fact }, (after) => follow(after, news));
}

/** The events that follow from the states of its parcels; `moved` are those that a carrier has just reported. */
function follow(order: Order, moved: readonly Shipment[] = order.shipments): OrderEvent[] {
  const events = fulfil(order);
  const after = fold(order, events, order.id, order.updatedAt) ?? order;
  return [...events, ...bringBack(after, moved)];
}

/** The events that follow for a confirmed order from the states of its parcels. */
function fulfil(order: Order): OrderEvent[] {
  const parcels = order.shipments.filter(({ status }) => status !== 'cancelled');
  if (!isSold(order) || !parcels.some(isUnderWay)) return [];
  if (!parcels.every(isUnderWay)) {
    return order.status === 'confirmed' ? [happened('partially-shipped')] : [];
  }
  const events: OrderEvent[] = order.status === 'shipped' ? [] : [happened('shipped')];
  const isOver = parcels.every(({ status }) => ends.has(status));
  if (isOver && parcels.some(({ status }) => status !== 'undeliverable'))
    events.push(happened('delivered'));
  return events;
}

/** An order of which a part was delivered is delivered; its customer may request the return of the other part. */
const ends: ReadonlySet<string> = new Set(['delivered', 'returned', 'undeliverable']);

const isSold = ({ status }: Order): boolean =>
  status === 'confirmed' ||
  status === 'partially_shipped' ||
  status === 'shipped' ||
  status === 'cancelling';

/** `event`, and the events that `next` returns for the order after it. */
const then = (
  order: Order,
  event: OrderEvent,
  next: (order: Order) => readonly OrderEvent[],
): OrderEvent[] => {
  const after = fold(order, [event], order.id, order.updatedAt);
  return after ? [event, ...next(after)] : [event];
};

/** False if it already has the status; throws `WrongState` if there is no transition. */
function enters(order: Order, status: OrderStatus): boolean {
  if (order.status === status) return false;
  const ways: readonly string[] = transitions[order.status];
  if (!ways.includes(status)) throw new WrongState(order.id, order.status, status);
  return true;
}
