import { destinationOf } from './countries.ts';
import { countryOf } from './destination.ts';
import type { OrderContent, OrderPlacement } from './order.events.ts';
import type { Tax } from './tax.ts';

/** What an order stores of its taxes: only the rate, if everything is of the standard class, which is the most frequent case. */
export const storedTaxes = (taxes: readonly Tax[]): Pick<OrderContent, 'taxes' | 'taxRate'> => {
  const [first, ...others] = taxes;
  return first?.class === 'standard' && others.length === 0 ? { taxRate: first.rate } : { taxes };
};

/** The taxes of a placed order; those of early orders, which did not store their rate, are at the present one. */
export function taxesOf({ total, content }: OrderPlacement): readonly Tax[] {
  const { tax, taxes, taxRate } = content;
  if (taxes) return taxes;
  const rate = taxRate ?? destinationOf(countryOf(content))?.rates.standard ?? 0;
  return [{ class: 'standard', rate, net: total - tax, tax }];
}
