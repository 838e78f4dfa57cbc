import { partitionOf } from '@waybill/contracts';

/** The order counts of one minute in one slot. */
export interface OrderCounts {
  /** `<minute>/<currency>/<slot>`. */
  readonly id: string;
  readonly minute: string;
  readonly currency: string;
  readonly placed: number;
  readonly confirmed: number;
  readonly rejected: number;
  readonly cancelled: number;
  /** The sum of the confirmed orders' totals, in minor units. */
  readonly revenue: number;
}

export type OrderFact = 'placed' | 'confirmed' | 'rejected' | 'cancelled';

/** The fields of an order that a count needs. */
export interface CountedOrder {
  readonly orderId: string;
  readonly total: { readonly amount: number; readonly currency: string };
  readonly at: string;
}

/** The confirmed orders of one minute, region and shipping method in one slot. */
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
 * A minute is counted in several rows, which are summed when they are read, so that orders of different partitions do not wait
 * for each other's row. As many as a group has partitions by default.
 */
const slots = 4;

const minuteOf = (at: string): string => `${at.slice(0, 16)}:00.000Z`;
const slotOf = (orderId: string): number => partitionOf(orderId, slots);

export const countsId = ({ orderId, total, at }: CountedOrder): string =>
  [minuteOf(at), total.currency, slotOf(orderId)].join('/');

export const salesId = (
  { orderId, total, at }: CountedOrder,
  region: string,
  shippingMethod: string,
): string => [minuteOf(at), total.currency, region, shippingMethod, slotOf(orderId)].join('/');

/** Counts one order. */
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

/** Counts one confirmed order of a region. */
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

/** Beyond 2^53 a sum would silently lose cents. */
function safe(amount: number): number {
  if (Number.isSafeInteger(amount)) return amount;
  throw new RangeError(`a revenue of ${amount} cannot be counted exactly`);
}
