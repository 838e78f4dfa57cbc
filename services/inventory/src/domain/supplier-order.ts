import type { Replenishment } from './replenishment.ts';

/** An order of goods at a supplier; its id is that of the request for the goods. */
export interface SupplierOrder {
  readonly requestId: string;
  readonly supplier: string;
  readonly sku: string;
  readonly quantity: number;
  /** Where the goods go. */
  readonly warehouse: string;
  /** `requested`: the supplier has not answered yet. */
  readonly status: 'requested' | 'ordered' | 'refused' | 'delivered';
  /** Why the supplier refused. */
  readonly refusal: string | null;
  readonly requestedAt: string;
  /** When the supplier is to be asked again; null once there is nothing to wait for. */
  readonly remindAt: string | null;
  /** How often the supplier was asked again because nothing came. */
  readonly reminders: number;
  readonly deliveredAt: string | null;
}

/** What a supplier says about an order. */
export type SupplierAnswer =
  | { readonly outcome: 'ordered' }
  | { readonly outcome: 'refused'; readonly detail: string };

/** What a supplier says that it has delivered. */
export interface Delivery {
  readonly requestId: string;
  readonly supplier: string;
  readonly sku: string;
  readonly quantity: number;
}

/** `known`: it came before. `contradicts`: it is not what was ordered, or not from the supplier who was asked. */
export const deliveryFates = ['applied', 'known', 'contradicts', 'unknown'] as const;
export type DeliveryFate = (typeof deliveryFates)[number];

interface Wait {
  readonly now: Date;
  /** Milliseconds without a delivery after which the supplier is asked again. */
  readonly remindAfter: number;
}

const later = ({ now, remindAfter }: Wait): string =>
  new Date(now.getTime() + remindAfter).toISOString();

/** The order that a request for goods becomes. */
export const orderOf = (
  {
    requestId,
    sku,
    quantity,
  }: Pick<Replenishment, 'sku'> & { requestId: string; quantity: number },
  from: { readonly supplier: string; readonly warehouse: string },
  wait: Wait,
): SupplierOrder => ({
  requestId,
  ...from,
  sku,
  quantity,
  status: 'requested',
  refusal: null,
  requestedAt: wait.now.toISOString(),
  remindAt: later(wait),
  reminders: 0,
  deliveredAt: null,
});

/** True while goods may still come, so that it is safe and useful to ask for them. */
export const isAwaited = (order: SupplierOrder | undefined): order is SupplierOrder =>
  order?.status === 'requested' || order?.status === 'ordered';

/** True once the supplier had to be asked again, until goods come. */
export const isOverdue = (order: SupplierOrder): boolean => isAwaited(order) && order.reminders > 0;

/** The order after the supplier's answer; undefined if it changes nothing, because goods came or it is a repetition. */
export function takeAnswer(
  found: SupplierOrder | undefined,
  answer: SupplierAnswer | undefined,
): SupplierOrder | undefined {
  if (!answer || found?.status !== 'requested') return undefined;
  if (answer.outcome === 'ordered') return { ...found, status: 'ordered' };
  return { ...found, status: 'refused', refusal: answer.detail, remindAt: null };
}

/** The order to ask for again; undefined if it is too early, or goods have come. */
export function remind(found: SupplierOrder | undefined, wait: Wait): SupplierOrder | undefined {
  if (!isAwaited(found)) return undefined;
  if (found.remindAt === null || Date.parse(found.remindAt) > wait.now.getTime()) {
    return undefined;
  }
  return { ...found, reminders: found.reminders + 1, remindAt: later(wait) };
}

/** Takes a delivery once, also one that comes late or after a refusal, because the goods are here. */
export function takeDelivery(
  found: SupplierOrder | undefined,
  { supplier, sku, quantity }: Delivery,
  now: Date,
): { readonly fate: DeliveryFate; readonly order?: SupplierOrder } {
  if (!found) return { fate: 'unknown' };
  const same = found.supplier === supplier && found.sku === sku && found.quantity === quantity;
  if (!same) return { fate: 'contradicts' };
  if (found.status === 'delivered') return { fate: 'known' };
  const deliveredAt = now.toISOString();
  return {
    fate: 'applied',
    order: { ...found, status: 'delivered', remindAt: null, deliveredAt },
  };
}
