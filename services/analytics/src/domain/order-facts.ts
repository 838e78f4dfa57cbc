import type { DataOf, OrderPlaced } from '@waybill/contracts';
import type { CountedOrder, OrderFact } from './order-counts.ts';

/** An order from its placement to the end of its saga. */
export interface OrderFacts {
  readonly orderId: string;
  readonly customerId: string;
  readonly country: string;
  readonly amount: number;
  readonly currency: string;
  readonly highValue: boolean;
  readonly placedAt: string;
  readonly settledAt: string | null;
  readonly outcome: Exclude<OrderFact, 'placed'> | null;
}

/** A placed order; it has a high value from `threshold` minor units of `currency` on. */
export const placedOrder = (
  order: DataOf<typeof OrderPlaced>,
  { threshold, currency }: { readonly threshold: number; readonly currency: string },
): OrderFacts => ({
  orderId: order.orderId,
  customerId: order.customerId,
  country: order.country,
  amount: order.total.amount,
  currency: order.total.currency,
  highValue: order.total.currency === currency && order.total.amount >= threshold,
  placedAt: order.at,
  settledAt: null,
  outcome: null,
});

/** The first outcome counts: a confirmed order that is cancelled later was settled when it was confirmed. */
export const settledOrder = (
  found: OrderFacts,
  outcome: Exclude<OrderFact, 'placed'>,
  { at }: Pick<CountedOrder, 'at'>,
): OrderFacts => (found.outcome === null ? { ...found, outcome, settledAt: at } : found);
