import type { TaxClass } from '@waybill/contracts';
import type { TaxRates } from './countries.ts';

/** The tax on everything in an order that is of one class: `tax` on `net` at `rate`, in hundredths of a percent. */
export interface Tax {
  readonly class: TaxClass;
  readonly rate: number;
  readonly net: number;
  readonly tax: number;
}

/** Part of an order: an amount before tax, in minor units. */
export interface Taxable {
  readonly class: TaxClass;
  readonly net: number;
}

const classes = ['standard', 'reduced', 'zero'] as const satisfies readonly TaxClass[];

/** The tax of each class that occurs, rounded once per class, half to even. */
export function taxesOn(parts: readonly Taxable[], rates: TaxRates): readonly Tax[] {
  return classes.flatMap((each) => {
    const net = sum(parts.filter((part) => part.class === each).map((part) => part.net));
    const rate = rates[each];
    return net > 0 ? [{ class: each, rate, net, tax: taxOn(net, rate) }] : [];
  });
}

export const sum = (amounts: readonly number[]): number => amounts.reduce((a, b) => a + b, 0);

/** Tax in minor units, rounded half to even. */
export const taxOn = (amount: number, basisPoints: number): number =>
  shareOf(amount, basisPoints, 10_000);

/** `amount × part / whole`, rounded half to even. Uses BigInt, because the product may exceed the safe integers. */
export function shareOf(amount: number, part: number, whole: number): number {
  const [product, by] = [BigInt(amount) * BigInt(part), BigInt(whole)];
  const floor = product / by;
  const twice = (product % by) * 2n;
  const up = twice > by || (twice === by && floor % 2n === 1n);
  return Number(up ? floor + 1n : floor);
}
