import {
  type Line,
  maxAmount,
  noDeliveryTo,
  type ShippingMethod,
  type TaxClass,
} from '@waybill/contracts';
import { apportion } from './apportion.ts';
import { type Destination, destinationOf } from './countries.ts';
import { OrderRefused } from './order.errors.ts';
import { heaviestParcel, shippingCost } from './tariff.ts';
import { sum, type Tax, taxesOn } from './tax.ts';
import { isReverseCharged } from './vat-id.ts';

const untaxed = { standard: 0, reduced: 0, zero: 0 };

/** The order service's copy of a product: enough for a price. */
export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly priceAmount: number;
  readonly currency: string;
  readonly weightGrams: number;
  readonly taxClass: TaxClass;
  /** The product's version in inventory; an older one never replaces a newer one. */
  readonly productVersion: number;
}

/** A product of the copy; one that is not on sale any more stays, so that an older version cannot bring it back. */
export interface CatalogueItem extends Product {
  readonly withdrawn: boolean;
}

/** A line with the price at the time of placing. */
export interface PricedLine extends Line {
  readonly name: string;
  readonly unitPrice: number;
  readonly total: number;
  /** Absent when it is `standard`. */
  readonly taxClass?: TaxClass;
  /** Its part of the order's discount; absent when there is none. */
  readonly discount?: number;
}

/** Amounts in minor units of `currency`. */
export interface Price {
  readonly currency: string;
  readonly lines: readonly PricedLine[];
  readonly subtotal: number;
  readonly discount: number;
  readonly shippingCost: number;
  readonly tax: number;
  readonly taxes: readonly Tax[];
  /** The customer owes the tax, and the shop charges none. */
  readonly reverseCharge: boolean;
  readonly total: number;
  readonly weightGrams: number;
  /** What one unit of each line weighs. */
  readonly unitWeights: readonly number[];
}

export interface ToPrice {
  readonly lines: readonly Line[];
  readonly country: string;
  readonly shippingMethod: ShippingMethod;
  readonly currency: string;
  readonly vatId: string | null;
  /** The discount of its voucher. */
  readonly discountOn?: ((subtotal: number) => number) | undefined;
}

/** The price of an order, or the products that `find` does not know. Throws `OrderRefused`. */
export function priceOf(
  order: ToPrice,
  find: (sku: string) => Product | undefined,
): Price | { readonly missing: readonly string[] } {
  const { zone, rates } = destinationIn(order.country);
  const reverseCharge = isReverseCharged(order.country, order.vatId);
  const found = foundLines(order, find);
  if ('missing' in found) return found;
  const { weightGrams, unitWeights } = found;
  const subtotal = sum(found.lines.map(({ total }) => total));
  const discount = order.discountOn?.(subtotal) ?? 0;
  const lines = discounted(found.lines, discount);
  const shipping = shippingCost(order.shippingMethod, zone, weightGrams);
  const taxes = taxesOn(
    [...lines.map(taxable), { class: 'standard', net: shipping }],
    reverseCharge ? untaxed : rates,
  );
  const tax = sum(taxes.map((each) => each.tax));
  const total = subtotal - discount + shipping + tax;
  if (total > maxAmount) {
    throw new OrderRefused('total_too_large', `the total of ${total} is above ${maxAmount}`);
  }
  checkWeight(order.shippingMethod, weightGrams);
  const { currency } = order;
  return {
    currency,
    lines,
    subtotal,
    discount,
    shippingCost: shipping,
    tax,
    taxes,
    reverseCharge,
    total,
    weightGrams,
    unitWeights,
  };
}

function destinationIn(country: string): Destination {
  const destination = destinationOf(country);
  if (destination) return destination;
  throw new OrderRefused('unknown_country', noDeliveryTo(country), '/shippingAddress/country');
}

/** The lines with their prices, or the products that `find` does not know. */
function foundLines(
  { lines, currency }: ToPrice,
  find: (sku: string) => Product | undefined,
): { readonly missing: readonly string[] } | Pick<Price, 'lines' | 'weightGrams' | 'unitWeights'> {
  const missing: string[] = [];
  const priced: PricedLine[] = [];
  const unitWeights: number[] = [];
  let weightGrams = 0;
  for (const line of lines) {
    const product = find(line.sku);
    if (!product || product.currency !== currency) {
      missing.push(line.sku);
      continue;
    }
    priced.push(pricedLine(line, product));
    unitWeights.push(product.weightGrams);
    weightGrams += product.weightGrams * line.quantity;
  }
  return missing.length > 0 ? { missing } : { lines: priced, weightGrams, unitWeights };
}

const pricedLine = (line: Line, { name, priceAmount, taxClass }: Product): PricedLine => ({
  ...line,
  name,
  unitPrice: priceAmount,
  total: priceAmount * line.quantity,
  ...(taxClass === 'standard' ? {} : { taxClass }),
});

/** A discount is divided among the lines in proportion to their totals. */
function discounted(lines: readonly PricedLine[], discount: number): readonly PricedLine[] {
  if (discount === 0) return lines;
  const parts = apportion(
    discount,
    lines.map(({ total }) => total),
  );
  return lines.map((line, i) => ({ ...line, discount: parts[i] ?? 0 }));
}

const taxable = ({ taxClass = 'standard', total, discount = 0 }: PricedLine) => ({
  class: taxClass,
  net: total - discount,
});

/** Refuses a parcel that is too heavy for every carrier, so that no saga begins for it. */
function checkWeight(method: ShippingMethod, grams: number): void {
  const limit = heaviestParcel[method];
  if (grams <= limit) return;
  const detail = `the parcel weighs ${grams} g, and by ${method} at most ${limit} g can be sent`;
  throw new OrderRefused('parcel_too_heavy', detail, '/lines');
}
