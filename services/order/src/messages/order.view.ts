import type { Address, Encrypted, Money } from '@waybill/contracts';
import type { OrderContent } from '../domain/order.events.ts';
import type { Order } from '../domain/order.ts';
import { taxesOf } from '../domain/order-taxes.ts';
import { methodOf } from '../domain/payment-choice.ts';
import type { OrderReturn } from '../domain/return.ts';
import type { InvoiceEntry } from '../storage/invoice.repository.ts';

/** The parts of an order that only its customer, and operators with a reason, see. */
export type Personal = Pick<OrderContent, 'shippingAddress' | 'note'>;

/** An order as returned by the API, with the documents that were issued for it; its personal data as stored, unless they are given. */
export const viewOf = (
  order: Order,
  invoices: readonly InvoiceEntry[] = [],
  personal: Personal = order.content,
) => {
  const money = (amount: number): Money => ({ amount, currency: order.currency });
  const { content } = order;
  return {
    id: order.id,
    number: order.number,
    status: order.status,
    reason: order.reason,
    cancelReason: order.cancelReason,
    customerId: order.customerId,
    lines: content.lines.map((line) => ({
      sku: line.sku,
      name: line.name,
      quantity: line.quantity,
      unitPrice: money(line.unitPrice),
      total: money(line.total),
    })),
    shippingAddress: addressOf(personal.shippingAddress),
    shippingMethod: content.shippingMethod,
    note: personal.note,
    subtotal: money(content.subtotal),
    discount: money(content.voucher?.discount ?? 0),
    voucherCode: content.voucher?.code ?? null,
    shippingCost: money(content.shippingCost),
    tax: money(content.tax),
    taxes: taxesOf(order).map((each) => ({
      class: each.class,
      rate: each.rate / 100,
      net: money(each.net),
      tax: money(each.tax),
    })),
    vatId: content.vatId ?? null,
    reverseCharge: content.reverseCharge ?? false,
    total: money(order.total),
    payment: paymentView(order),
    disputed: order.disputed,
    shipments: order.shipments.map((shipment) => ({
      id: shipment.id,
      status: shipment.status,
      carrier: shipment.carrier,
      trackingNumber: shipment.trackingNumber,
      labelUrl: `/api/v1/shipments/${shipment.id}/label.pdf`,
    })),
    invoices: invoicesOf(order, invoices),
    returns: order.returns.map((each) => returnView(order, each)),
    placedAt: order.placedAt,
    updatedAt: order.updatedAt,
    version: order.revision,
  };
};

const paymentView = ({ payment, content, total, currency }: Order) => {
  const money = (amount: number): Money => ({ amount, currency });
  const { authorized, captured, refunded, credit } = payment;
  return {
    status: payment.status,
    id: payment.id,
    actionUrl: payment.actionUrl ?? null,
    authorized: money(authorized),
    captured: money(captured),
    refunded: money(refunded),
    method: methodOf(content.credit, total),
    credit: credit
      ? {
          authorized: money(credit.authorized),
          captured: money(credit.captured),
          refunded: money(credit.refunded),
        }
      : null,
  };
};

/** Those of this version of the order. */
const invoicesOf = (order: Order, invoices: readonly InvoiceEntry[]) =>
  invoices
    .filter(({ orderVersion }) => orderVersion <= order.revision)
    .map((each) => invoiceView(each, order));

const invoiceView = ({ number, series, total, issuedAt }: InvoiceEntry, order: Order) => ({
  number,
  kind: series,
  total: { amount: total, currency: order.currency },
  issuedAt,
  url:
    series === 'invoice'
      ? `/api/v1/orders/${order.id}/invoice.pdf`
      : `/api/v1/credit-notes/${number}.pdf`,
});

/** A return as returned by the API. */
export const returnView = (order: Order, found: OrderReturn) => ({
  id: found.id,
  orderId: order.id,
  status: found.status,
  reason: found.reason,
  lines: found.lines.map(({ sku, quantity, received, sellable, refused }) => ({
    sku,
    quantity,
    received,
    sellable,
    refused,
  })),
  refunded: { amount: found.refunded, currency: order.currency },
  requestedAt: found.requestedAt,
  updatedAt: found.updatedAt,
});
export type ReturnView = ReturnType<typeof returnView>;

/** Property by property: a database may return them in another order, and repeated responses must have the same bytes. */
export function addressOf(address: Encrypted<Address>): Encrypted<Address> {
  if (typeof address === 'string') return address;
  const { name, line1, line2, city, postalCode, country } = address;
  return { name, line1, line2: line2 ?? null, city, postalCode, country };
}

export type OrderView = ReturnType<typeof viewOf>;
