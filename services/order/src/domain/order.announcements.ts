import {
  type DataOf,
  GiveVoucherBack,
  type Message,
  type MessageOptions,
  OrderAnnounced,
  OrderCancelled,
  OrderConfirmed,
  OrderPlaced,
  OrderRejected,
  OrderUpdated,
} from '@waybill/contracts';
import { countryOf } from './destination.ts';
import type { OrderEvent, OrderRefund } from './order.events.ts';
import { type Order, plainLines } from './order.ts';

/** The public messages about an order's new events: this is the only place where private events become public contracts. */
export function toMessages(order: Order, events: readonly OrderEvent[]): Message[] {
  if (events.length === 0) return [];
  return [...events.flatMap((event) => messagesOf(order, event)), updated(order)] as Message[];
}

/** For live views. */
export const updated = ({ id, customerId, status, revision, updatedAt }: Order): Message =>
  OrderUpdated({
    orderId: id,
    customerId,
    status,
    version: revision,
    at: updatedAt,
  }) as Message;

/**
 * The public messages about one event; `order` is the state after the commit of the event. Their names make the ids depend on
 * the event alone, so that they can be published again.
 */
export function messagesOf(order: Order, event: OrderEvent): Message[] {
  const options = { name: event.type };
  const facts = {
    orderId: order.id,
    customerId: order.customerId,
    total: { amount: order.total, currency: order.currency },
    at: order.updatedAt,
  };
  const messages: Message[] = [];
  if (event.type === 'placed') messages.push(orderPlaced(order, options));
  if (event.type === 'confirmed') messages.push(OrderConfirmed(facts, options) as Message);
  if (event.type === 'cancelled') messages.push(OrderCancelled(facts, options) as Message);
  if (event.type === 'rejected')
    messages.push(OrderRejected({ ...facts, reason: event.data.reason }, options) as Message);
  if (voidAfter.has(event.type)) messages.push(...voucherBack(order, options));
  const news = newsOf(order, event);
  if (news) messages.push(announcement(order, news, options));
  return messages;
}

/** After these an order holds its voucher no longer. */
const voidAfter = new Set<string>(['rejected', 'cancelled']);

const voucherBack = (order: Order, options: MessageOptions): Message[] => {
  const { id: orderId, customerId, content } = order;
  if (!content.voucher) return [];
  const { code } = content.voucher;
  return [GiveVoucherBack({ orderId, customerId, code }, options) as Message];
};

type Announced = DataOf<typeof OrderAnnounced>;
type News = Pick<Announced, 'status'> &
  Partial<Pick<Announced, 'reason' | 'lines' | 'returnId' | 'refunded'>>;

/** What is announced of an event, where it differs from the order; undefined if nothing is. */
function newsOf(order: Order, event: OrderEvent): News | undefined {
  switch (event.type) {
    case 'confirmed':
    case 'shipped':
    case 'delivered':
      return { status: event.type };
    case 'rejected':
      return { status: event.type, reason: event.data.reason };
    case 'cancelled':
      return { status: event.type, reason: order.cancelReason };
    case 'return-requested': {
      const { returnId, reason, lines, byCarrier } = event.data;
      return byCarrier ? undefined : { status: 'returning', returnId, reason, lines: [...lines] };
    }
    case 'payment-refunded':
      return refundNews(order, event.data);
    default:
      return undefined;
  }
}

/** The refund of a cancelled order is part of its cancel. */
function refundNews(
  { currency }: Order,
  { amount, refundId, lines }: OrderRefund,
): News | undefined {
  if (!refundId || !lines) return undefined;
  return {
    status: 'refunded',
    returnId: refundId,
    refunded: { amount, currency },
    lines: lines.map(({ sku, quantity }) => ({ sku, quantity })),
  };
}

const orderPlaced = (order: Order, options: MessageOptions): Message =>
  OrderPlaced(
    {
      orderId: order.id,
      customerId: order.customerId,
      lines: plainLines(order),
      total: { amount: order.total, currency: order.currency },
      shippingMethod: order.content.shippingMethod,
      country: countryOf(order.content),
      at: order.placedAt,
    },
    options,
  ) as Message;

/** From this total on, in minor units, an order is announced as one of high value. */
const highValue = 100_000;

const announcement = (order: Order, news: News, options: MessageOptions): Message =>
  OrderAnnounced(
    {
      orderId: order.id,
      number: order.number,
      reason: null,
      customer: {
        id: order.customerId,
        name: order.content.customerName,
        email: order.content.customerEmail,
      },
      lines: plainLines(order),
      total: { amount: order.total, currency: order.currency },
      shippingMethod: order.content.shippingMethod,
      country: countryOf(order.content),
      at: order.updatedAt,
      ...news,
    },
    { ...options, headers: { 'order-value': order.total >= highValue ? 'high' : 'normal' } },
  ) as Message;
