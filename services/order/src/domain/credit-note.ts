import { type Invoice, type InvoiceLine, type Issue, paid } from './invoice.ts';
import type { OrderRefund, RefundedLine, RefundPart } from './order.events.ts';
import { sum, type Tax } from './tax.ts';

/** The credit note of a refund: it repeats the whole invoice, unless the refund names its lines. */
export function creditNoteOf(invoice: Invoice, refund: OrderRefund, issue: Issue): Invoice {
  const note = {
    ...invoice,
    ...issue,
    series: 'credit_note',
    corrects: invoice.number,
    notes: [...invoice.notes.filter((each) => each !== paid), 'The total is refunded.'],
  } as const;
  return refund.lines ? { ...note, ...partOf(invoice, refund, refund.lines) } : note;
}

/** The amounts of a part: what its lines cost, less their part of the discount. */
function partOf(
  invoice: Invoice,
  { amount, shipping }: OrderRefund,
  refunded: readonly RefundedLine[],
) {
  const known = new Map(invoice.lines.map((line) => [line.sku, line]));
  const parts: (RefundPart & { line: InvoiceLine })[] = refunded.flatMap((part) => {
    const line = known.get(part.sku);
    if (!line) return [];
    const { quantity, net, tax } = part;
    return [{ net, tax, line: { ...line, quantity, total: quantity * line.unitPrice } }];
  });
  const shippingCost = shipping?.net ?? 0;
  const subtotal = sum(parts.map(({ line }) => line.total));
  const discount = subtotal - sum(parts.map(({ net }) => net));
  const taxes = taxesOf(invoice, parts, shipping);
  const tax = sum(taxes.map((each) => each.tax));
  return {
    lines: parts.map(({ line }) => line),
    subtotal,
    voucher: invoice.voucher && { ...invoice.voucher, discount },
    shippingCost,
    taxes,
    net: amount - tax,
    tax,
    total: amount,
  };
}

/** The parts of each tax class; shipping is of the standard one. */
function taxesOf(
  invoice: Invoice,
  parts: readonly (RefundPart & { line: InvoiceLine })[],
  shipping: RefundPart | undefined,
): readonly Tax[] {
  return invoice.taxes.flatMap((each) => {
    const ofClass: readonly RefundPart[] = [
      ...parts.filter(({ line }) => line.taxClass === each.class),
      ...(shipping && each.class === 'standard' ? [shipping] : []),
    ];
    if (ofClass.length === 0) return [];
    return [
      { ...each, net: sum(ofClass.map(({ net }) => net)), tax: sum(ofClass.map(({ tax }) => tax)) },
    ];
  });
}
