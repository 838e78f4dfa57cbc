import { z } from 'zod';

/** The largest price or amount that Waybill accepts, in minor units. */
export const maxAmount = 1_000_000_000_000;

/** An integer amount in minor units of an ISO 4217 currency: 1999 EUR is 19.99 €. */
export const money = z
  .strictObject({
    amount: z.int().min(-maxAmount).max(maxAmount),
    currency: z.string().regex(/^[A-Z]{3}$/, 'is an ISO 4217 code of three capital letters'),
  })
  .meta({ id: 'Money' });
export type Money = z.output<typeof money>;

/** An amount of at least one minor unit. */
export const positiveMoney = money.extend({ amount: z.int().min(1).max(maxAmount) });

/** The sum of amounts in `currency`; throws a `RangeError` for an amount in another one. */
export function sumOf(amounts: readonly Money[], currency: string): Money {
  let amount = 0;
  for (const each of amounts) {
    if (each.currency !== currency)
      throw new RangeError(`cannot add ${each.currency} to ${currency}`);
    amount += each.amount;
  }
  return { amount, currency };
}
