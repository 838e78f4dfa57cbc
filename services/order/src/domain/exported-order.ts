import type { Address } from '@waybill/contracts';
import { countryOf } from './destination.ts';
import type { Order } from './order.ts';

/** The parts of an order that an export keeps, as they were when it was read; personal data as they are stored. */
export type ExportedOrder = Pick<
  Order,
  'id' | 'number' | 'status' | 'customerId' | 'total' | 'currency' | 'content' | 'placedAt'
> & { readonly payment: Pick<Order['payment'], 'status' | 'captured' | 'refunded'> };

/** The columns of an export with the types of their values; amounts are in minor units, and `moment` is RFC 3339. */
export const exportColumns = [
  ['orderId', 'text'],
  ['number', 'text'],
  ['placedAt', 'moment'],
  ['status', 'text'],
  ['customerId', 'text'],
  ['line', 'integer'],
  ['sku', 'text'],
  ['name', 'text'],
  ['quantity', 'integer'],
  ['unitPrice', 'integer'],
  ['lineTotal', 'integer'],
  ['currency', 'text'],
  ['subtotal', 'integer'],
  ['discount', 'integer'],
  ['shippingCost', 'integer'],
  ['tax', 'integer'],
  ['total', 'integer'],
  ['paymentStatus', 'text'],
  ['captured', 'integer'],
  ['refunded', 'integer'],
  ['shippingMethod', 'text'],
  ['recipient', 'text'],
  ['line1', 'text'],
  ['line2', 'text'],
  ['city', 'text'],
  ['postalCode', 'text'],
  ['country', 'text'],
  ['note', 'text'],
] as const;

/** A row of an export. */
export type ExportRow = Readonly<Record<(typeof exportColumns)[number][0], string | number | null>>;

/** What an order keeps for an export. */
export const exportedOrder = (order: Order): ExportedOrder => {
  const { id, number, status, customerId, total, currency, content, placedAt, payment } = order;
  const { status: paid, captured, refunded } = payment;
  return {
    id,
    number,
    status,
    customerId,
    total,
    currency,
    content,
    placedAt,
    payment: { status: paid, captured, refunded },
  };
};

/** A row for each line of an order; what belongs to the order is the same in all of them. */
export function rowsOf(
  order: ExportedOrder,
  address: Address,
  note: string | null,
): readonly ExportRow[] {
  const { content, payment } = order;
  return content.lines.map((line, i) => ({
    orderId: order.id,
    number: order.number,
    placedAt: order.placedAt,
    status: order.status,
    customerId: order.customerId,
    line: i + 1,
    sku: line.sku,
    name: line.name,
    quantity: line.quantity,
    unitPrice: line.unitPrice,
    lineTotal: line.total,
    currency: order.currency,
    subtotal: content.subtotal,
    discount: content.voucher?.discount ?? 0,
    shippingCost: content.shippingCost,
    tax: content.tax,
    total: order.total,
    paymentStatus: payment.status,
    captured: payment.captured,
    refunded: payment.refunded,
    shippingMethod: content.shippingMethod,
    recipient: address.name,
    line1: address.line1,
    line2: address.line2 ?? null,
    city: address.city,
    postalCode: address.postalCode,
    country: countryOf(content),
    note,
  }));
}
