import { z } from 'zod';

/** The largest price or amount that Waybill takes, in minor units. */
export const maxAmount = 1_000_000_000_000;

/** An amount in minor units of an ISO 4217 currency: 1999 EUR is 19.99 €. Never a fraction. */
export const money = z
  .strictObject({
    amount: z.int().min(-maxAmount).max(maxAmount),
    currency: z.string().regex(/^[A-Z]{3}$/),
  })
  .meta({ id: 'Money' });
export type Money = z.output<typeof money>;

/** The sum of amounts of one currency; throws a `RangeError` when the currencies differ. */
export function sumOf(amounts: readonly Money[], currency: string): Money {
  let amount = 0;
  for (const each of amounts) {
    if (each.currency !== currency)
      throw new RangeError(`cannot add ${each.currency} to ${currency}`);
    amount += each.amount;
  }
  return { amount, currency };
}
