import type { Line, RejectionReason } from '@waybill/contracts';
import type { OrderEvent, OrderPlacement } from './order.events.ts';
import { evolvePayment, noPayment, type OrderPayment } from './order-payment.ts';
import { evolveReturns, type OrderReturn, type ReturnEvent } from './return.ts';
import { booked, moved, type Parcels, rebooked } from './shipment.ts';

/** Every state of an order, with the states that may follow it. */
export const transitions = {
  pending: ['confirmed', 'rejected', 'cancelling'],
  confirmed: ['partially_shipped', 'shipped', 'cancelling'],
  partially_shipped: ['shipped'],
  shipped: ['delivered', 'returning'],
  delivered: ['returning'],
  rejected: [],
  cancelling: ['cancelled', 'partially_shipped', 'shipped'],
  cancelled: [],
  returning: ['returned', 'delivered'],
  returned: [],
} as const satisfies Record<string, readonly string[]>;
export type OrderStatus = keyof typeof transitions;
export const orderStatuses = Object.keys(transitions) as readonly OrderStatus[];

/** The fold of an order's events: the state that all reads return. */
export interface Order extends OrderPlacement, Parcels {
  readonly id: string;
  readonly status: OrderStatus;
  readonly reason: RejectionReason | null;
  /** Why the customer wants it cancelled; null again when that came too late. */
  readonly cancelReason: string | null;
  readonly payment: OrderPayment;
  /** The customer has disputed the payment at its provider. */
  readonly disputed: boolean;
  /** The oldest first. */
  readonly returns: readonly OrderReturn[];
  readonly placedAt: string;
  readonly updatedAt: string;
  /** The number of its events. */
  readonly revision: number;
}

/** The id, version and time of an event. */
export interface Place {
  readonly id: string;
  readonly version: number;
  readonly at: string;
}

/** The order after one more event. */
export function evolve(order: Order | undefined, event: OrderEvent, place: Place): Order {
  if (event.type === 'placed') return placedOrder(event.data, place);
  if (!order) throw new TypeError(`${event.type} of order ${place.id}, which was never placed`);
  return {
    ...order,
    ...changeBy(order, event, place.at),
    updatedAt: place.at,
    revision: place.version,
  };
}

/** The order after several more events of one commit. */
export function fold(
  order: Order | undefined,
  events: readonly OrderEvent[],
  id: string,
  at: string,
): Order | undefined {
  let folded = order;
  for (const event of events) {
    folded = evolve(folded, event, { id, at, version: (folded?.revision ?? 0) + 1 });
  }
  return folded;
}

/** The order's lines in the form that participants need. */
export const plainLines = (order: Order): Line[] =>
  order.content.lines.map(({ sku, quantity }) => ({ sku, quantity }));

function placedOrder(data: OrderPlacement, { id, at, version }: Place): Order {
  return {
    id,
    ...data,
    status: 'pending',
    reason: null,
    cancelReason: null,
    payment: noPayment,
    disputed: false,
    shipments: [],
    early: [],
    returns: [],
    placedAt: at,
    updatedAt: at,
    revision: version,
  };
}

function changeBy(
  order: Order,
  event: Exclude<OrderEvent, { type: 'placed' }>,
  at: string,
): Partial<Order> {
  switch (event.type) {
    case 'credit-reserved':
    case 'credit-released':
    case 'payment-authorized':
    case 'payment-action-required':
    case 'payment-captured':
    case 'payment-voided':
      return { payment: evolvePayment(order.payment, event, order.total) };
    case 'payment-refunded':
      return {
        payment: evolvePayment(order.payment, event, order.total),
        returns: evolveReturns(order.returns, event, at),
      };
    case 'shipment-booked':
      return booked(order, { ...event.data, status: 'booked' });
    case 'shipment-rebooked':
      return { shipments: rebooked(order.shipments, event.data) };
    case 'shipment-cancelled':
      return { shipments: order.shipments.map((each) => ({ ...each, status: 'cancelled' })) };
    case 'shipment-moved':
      return moved(order, event.data);
    case 'rejected':
      return {
        status: 'rejected',
        reason: event.data.reason,
        payment: evolvePayment(order.payment, event, order.total),
      };
    case 'cancel-requested':
      return { cancelReason: event.data.reason };
    case 'cancel-refused':
      return { cancelReason: null };
    case 'disputed':
      return { disputed: true };
    case 'partially-shipped':
      return { status: 'partially_shipped' };
    case 'return-requested':
    case 'return-received':
    case 'return-refused':
    case 'return-completed':
      return changeByReturn(order, event, at);
    default:
      return { status: event.type };
  }
}

function changeByReturn(
  order: Order,
  event: Exclude<ReturnEvent, { type: 'payment-refunded' }>,
  at: string,
): Partial<Order> {
  const returns = evolveReturns(order.returns, event, at);
  if (event.type === 'return-completed') return { returns, status: event.data.status };
  const isOver = returns.every(({ status }) => status === 'refunded' || status === 'refused');
  return isOver ? { returns, status: 'delivered' } : { returns };
}
