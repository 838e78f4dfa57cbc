import type { Address, Encrypted, TaxClass } from '@waybill/contracts';
import { countryOf } from './destination.ts';
import type { OrderPlacement } from './order.events.ts';
import { taxesOf } from './order-taxes.ts';
import type { PricedLine } from './pricing.ts';
import type { Tax } from './tax.ts';

/** Invoices and credit notes are numbered separately. */
export type Series = 'invoice' | 'credit_note';

/** Who issues invoices. */
export interface Seller {
  readonly name: string;
  readonly line: string;
  readonly city: string;
  readonly country: string;
  readonly vatId: string;
}

/** A name with its address as shown, line by line. */
export interface Party {
  readonly lines: readonly string[];
  readonly vatId: string | null;
}

/** The customer. Their address is encrypted, so that it can be erased; a document of an earlier release has its lines in plain. */
export type Buyer =
  | Party
  | {
      readonly address: Encrypted<Address>;
      readonly country: string;
      readonly vatId: string | null;
    };

export interface InvoiceLine {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  readonly unitPrice: number;
  /** Quantity times unit price, before the discount and before tax. */
  readonly total: number;
  readonly taxClass: TaxClass;
  /** In hundredths of a percent. */
  readonly taxRate: number;
}

/**
 * Everything that an invoice or a credit note shows. It is stored when the number is assigned, and rendered on each read, so
 * that no later change of the settings or a name alters a document. Amounts are in minor units of `currency`.
 */
export interface Invoice {
  readonly series: Series;
  readonly number: string;
  /** A day in the shop's time zone, like `orderedOn`. */
  readonly issuedOn: string;
  /** The number of the invoice that a credit note corrects; null in an invoice. */
  readonly corrects: string | null;
  readonly orderNumber: string;
  readonly orderedOn: string;
  readonly seller: Party;
  readonly buyer: Buyer;
  readonly currency: string;
  readonly lines: readonly InvoiceLine[];
  readonly subtotal: number;
  readonly voucher: { readonly code: string; readonly discount: number } | null;
  readonly shippingCost: number;
  readonly taxes: readonly Tax[];
  /** The sum before tax. */
  readonly net: number;
  readonly tax: number;
  readonly total: number;
  /** Sentences below the total. */
  readonly notes: readonly string[];
}

/** The number of a document, and the day on which it is issued. */
export interface Issue {
  readonly number: string;
  readonly issuedOn: string;
}

const prefixes: Readonly<Record<Series, string>> = { invoice: '', credit_note: 'C' };

/** Such as 2026-000123, or C2026-000001 for a credit note. */
export const invoiceNumber = (series: Series, year: number, sequence: number): string =>
  `${prefixes[series]}${year}-${String(sequence).padStart(6, '0')}`;

/** The note of an invoice that is paid. */
export const paid = 'Paid in full.';

/** The invoice of a confirmed order that was placed on `orderedOn`. */
export function invoiceOf(
  order: OrderPlacement,
  orderedOn: string,
  seller: Seller,
  issue: Issue,
): Invoice {
  const { content, total, currency } = order;
  const taxes = taxesOf(order);
  return {
    series: 'invoice',
    ...issue,
    corrects: null,
    orderNumber: order.number,
    orderedOn,
    seller: {
      lines: [seller.name, seller.line, seller.city, countryName(seller.country)],
      vatId: seller.vatId,
    },
    buyer: {
      address: content.shippingAddress,
      country: countryOf(content),
      vatId: content.vatId ?? null,
    },
    currency,
    lines: content.lines.map((line) => invoiceLine(line, taxes)),
    subtotal: content.subtotal,
    voucher: content.voucher ?? null,
    shippingCost: content.shippingCost,
    taxes,
    net: total - content.tax,
    tax: content.tax,
    total,
    notes: [
      ...(content.reverseCharge ? ['Reverse charge: the recipient is liable for the VAT.'] : []),
      paid,
    ],
  };
}

const invoiceLine = (
  { sku, name, quantity, unitPrice, total, taxClass = 'standard' }: PricedLine,
  taxes: readonly Tax[],
): InvoiceLine => ({
  sku,
  name,
  quantity,
  unitPrice,
  total,
  taxClass,
  taxRate: taxes.find((tax) => tax.class === taxClass)?.rate ?? 0,
});

const countries = new Intl.DisplayNames('en', { type: 'region' });
export const countryName = (code: string): string => countries.of(code) ?? code;

/** The lines of an address, as a document shows them. */
export const linesOf = ({
  name,
  line1,
  line2,
  postalCode,
  city,
  country,
}: Address): readonly string[] => [
  name,
  line1,
  ...(line2?.trim() ? [line2] : []),
  `${postalCode} ${city}`,
  countryName(country),
];
