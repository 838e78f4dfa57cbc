import { shardOf } from '@waybill/contracts';

/** What happened to orders in one minute, as far as one slot counts it. */
export interface OrderCounts {
  /** `<minute>/<currency>/<slot>`. */
  readonly id: string;
  readonly minute: string;
  readonly currency: string;
  readonly placed: number;
  readonly confirmed: number;
  readonly rejected: number;
  readonly cancelled: number;
  /** The totals of the confirmed orders, in minor units. */
  readonly revenue: number;
}

export type OrderFact = 'placed' | 'confirmed' | 'rejected' | 'cancelled';

/** What a count needs to know of an order. */
export interface CountedOrder {
  readonly orderId: string;
  readonly total: { readonly amount: number; readonly currency: string };
  readonly at: string;
}

/** Confirmed orders of one minute to one region by one method, as far as one slot counts them. */
export interface RegionSales {
  /** `<minute>/<currency>/<region>/<method>/<slot>`. */
  readonly id: string;
  readonly minute: string;
  readonly currency: string;
  readonly region: string;
  readonly shippingMethod: string;
  readonly orders: number;
  readonly revenue: number;
}

/**
 * A minute is counted in several rows, summed when they are read: orders of different shards then never wait
 * for one another's row. As many as a group has shards by default.
 */
const slots = 4;

const minuteOf = (at: string): string => `${at.slice(0, 16)}:00.000Z`;
const slotOf = (orderId: string): number => shardOf(orderId, slots);

export const countsId = ({ orderId, total, at }: CountedOrder): string =>
  [minuteOf(at), total.currency, slotOf(orderId)].join('/');

export const salesId = (
  { orderId, total, at }: CountedOrder,
  region: string,
  shippingMethod: string,
): string => [minuteOf(at), total.currency, region, shippingMethod, slotOf(orderId)].join('/');

/** Counts one more order. */
export function count(
  found: OrderCounts | undefined,
  fact: OrderFact,
  order: CountedOrder,
): OrderCounts {
  const before = found ?? {
    id: countsId(order),
    minute: minuteOf(order.at),
    currency: order.total.currency,
    placed: 0,
    confirmed: 0,
    rejected: 0,
    cancelled: 0,
    revenue: 0,
  };
  const earned = fact === 'confirmed' ? order.total.amount : 0;
  return { ...before, [fact]: before[fact] + 1, revenue: safe(before.revenue + earned) };
}

/** Counts one more confirmed order of a region. */
export function countSale(
  found: RegionSales | undefined,
  order: CountedOrder,
  region: string,
  shippingMethod: string,
): RegionSales {
  const before = found ?? {
    id: salesId(order, region, shippingMethod),
    minute: minuteOf(order.at),
    currency: order.total.currency,
    region,
    shippingMethod,
    orders: 0,
    revenue: 0,
  };
  return {
    ...before,
    orders: before.orders + 1,
    revenue: safe(before.revenue + order.total.amount),
  };
}

/** Past 2^53 a sum would lose cents without a word. */
function safe(amount: number): number {
  if (Number.isSafeInteger(amount)) return amount;
  throw new RangeError(`a revenue of ${amount} cannot be counted exactly`);
}
