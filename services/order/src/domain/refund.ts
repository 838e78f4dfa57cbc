import type { Line } from '@waybill/contracts';
import { apportion } from './apportion.ts';
import type { OrderRefund, RefundPart } from './order.events.ts';
import type { Order } from './order.ts';
import { taxesOf } from './order-taxes.ts';
import type { OrderReturn } from './return.ts';
import { shareOf, sum } from './tax.ts';

/** The goods of an order that did not come back. */
export const keptLines = (order: Order): Line[] =>
  order.content.lines
    .map(({ sku, quantity }) => ({ sku, quantity: quantity - receivedOf(order.returns, sku) }))
    .filter(({ quantity }) => quantity > 0);

/**
 * The refund of a received return: of each line its part of the price and of the tax, so that the last return of a line gets the
 * remainder, and the shipping cost when nothing of the order is kept. All refunds of an order add up to its total.
 */
export function refundOf(order: Order, { id, lines: returned }: OrderReturn): OrderRefund {
  const earlier = order.returns.filter((each) => each.id !== id && each.status === 'refunded');
  const paid = paidParts(order);
  const lines = returned
    .filter(({ received }) => received > 0)
    .map(({ sku, received }) => {
      const part = partOf(paid.lines.get(sku), receivedOf(earlier, sku), received);
      return { sku, quantity: received, ...part };
    });
  const shipping = keptLines(order).length === 0 ? { shipping: paid.shipping } : {};
  const parts = [...lines, ...Object.values(shipping)];
  const amount = sum(parts.flatMap(({ net, tax }) => [net, tax]));
  return { amount, refundId: id, lines, ...shipping };
}

const receivedOf = (returns: readonly OrderReturn[], sku: string): number =>
  sum(
    returns.flatMap(({ lines }) =>
      lines.filter((line) => line.sku === sku).map(({ received }) => received),
    ),
  );

interface PaidLine extends RefundPart {
  readonly quantity: number;
}

/** What was paid for each line and for the shipping; together the total of the order. */
function paidParts(order: Order): {
  readonly lines: ReadonlyMap<string, PaidLine>;
  readonly shipping: RefundPart;
} {
  const { lines, shippingCost } = order.content;
  const parts = [
    ...lines.map(({ taxClass = 'standard', total, discount = 0 }) => ({
      class: taxClass,
      net: total - discount,
    })),
    { class: 'standard' as const, net: shippingCost },
  ];
  const taxes = parts.map(() => 0);
  for (const { class: of, tax } of taxesOf(order)) {
    const nets = parts.map((part) => (part.class === of ? part.net : 0));
    for (const [i, part] of apportion(tax, nets).entries()) taxes[i] = (taxes[i] ?? 0) + part;
  }
  const paid = parts.map(({ net }, i) => ({ net, tax: taxes[i] ?? 0 }));
  return {
    lines: new Map(
      lines.map(({ sku, quantity }, i) => [sku, { quantity, ...(paid[i] as RefundPart) }]),
    ),
    shipping: paid.at(-1) as RefundPart,
  };
}

function partOf(line: PaidLine | undefined, before: number, count: number): RefundPart {
  if (!line) return { net: 0, tax: 0 };
  const share = (amount: number): number =>
    shareOf(amount, before + count, line.quantity) - shareOf(amount, before, line.quantity);
  return { net: share(line.net), tax: share(line.tax) };
}
