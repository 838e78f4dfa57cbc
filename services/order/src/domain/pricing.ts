import { type Line, maxAmount, type ShippingMethod } from '@waybill/contracts';
import { destinationOf } from './countries.ts';
import { OrderRefused } from './order.errors.ts';
import { heaviestParcel, shippingCost } from './tariff.ts';

/** The order service's copy of a product: enough for a price. */
export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly priceAmount: number;
  readonly currency: string;
  readonly weightGrams: number;
  /** The product's version in inventory; an older one never replaces a newer one. */
  readonly productVersion: number;
}

/** A line with the price at the time of placing. */
export interface PricedLine extends Line {
  readonly name: string;
  readonly unitPrice: number;
  readonly total: number;
}

/** Amounts in minor units of `currency`. */
export interface Price {
  readonly currency: string;
  readonly lines: readonly PricedLine[];
  readonly subtotal: number;
  readonly shippingCost: number;
  readonly tax: number;
  readonly total: number;
  readonly weightGrams: number;
}

export interface ToPrice {
  readonly lines: readonly Line[];
  readonly country: string;
  readonly shippingMethod: ShippingMethod;
  readonly currency: string;
}

/** The price of an order, or the products that `find` does not know. Throws `OrderRefused`. */
export function priceOf(
  order: ToPrice,
  find: (sku: string) => Product | undefined,
): Price | { readonly missing: readonly string[] } {
  const destination = destinationOf(order.country);
  if (!destination) {
    throw new OrderRefused(
      'unknown_country',
      `this shop does not deliver to ${order.country}`,
      '/shippingAddress/country',
    );
  }
  const missing: string[] = [];
  const lines: PricedLine[] = [];
  let [subtotal, weightGrams] = [0, 0];
  for (const line of order.lines) {
    const product = find(line.sku);
    if (!product || product.currency !== order.currency) {
      missing.push(line.sku);
      continue;
    }
    const total = product.priceAmount * line.quantity;
    lines.push({ ...line, name: product.name, unitPrice: product.priceAmount, total });
    subtotal += total;
    weightGrams += product.weightGrams * line.quantity;
  }
  if (missing.length > 0) return { missing };
  const shipping = shippingCost(order.shippingMethod, destination.zone, weightGrams);
  const tax = taxOn(subtotal + shipping, destination.taxBasisPoints);
  const total = subtotal + shipping + tax;
  if (total > maxAmount) {
    throw new OrderRefused('total_too_large', `the total of ${total} is above ${maxAmount}`);
  }
  checkWeight(order.shippingMethod, weightGrams);
  return {
    currency: order.currency,
    lines,
    subtotal,
    shippingCost: shipping,
    tax,
    total,
    weightGrams,
  };
}

/** Refuses a parcel that is too heavy for every carrier, so that no saga begins for it. */
function checkWeight(method: ShippingMethod, grams: number): void {
  const limit = heaviestParcel[method];
  if (grams <= limit) return;
  const detail = `the parcel weighs ${grams} g, and by ${method} at most ${limit} g can be sent`;
  throw new OrderRefused('parcel_too_heavy', detail, '/lines');
}

/** Tax in minor units, rounded half to even. Uses BigInt, because the product may exceed the safe integers. */
export function taxOn(amount: number, basisPoints: number): number {
  const product = BigInt(amount) * BigInt(basisPoints);
  const whole = product / 10_000n;
  const twice = (product % 10_000n) * 2n;
  const up = twice > 10_000n || (twice === 10_000n && whole % 2n === 1n);
  return Number(up ? whole + 1n : whole);
}
