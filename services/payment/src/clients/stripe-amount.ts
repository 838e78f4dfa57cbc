import type { Money } from '@waybill/contracts';

/** Stripe counts these in other units than ISO 4217: a krona of Iceland is 100 of Stripe's. */
const factors: Readonly<Record<string, number>> = { ISK: 100, UGX: 100, MGA: 1 / 100 };
/** Stripe takes only multiples of ten of these, which have three decimal places. */
const inTens: ReadonlySet<string> = new Set(['BHD', 'JOD', 'KWD', 'OMR', 'TND']);

/** An amount as Stripe counts it; null if Stripe cannot charge it. */
export function toStripe({
  amount,
  currency,
}: Money): { readonly amount: number; readonly currency: string } | null {
  const counted = amount * (factors[currency] ?? 1);
  const fits = Number.isInteger(counted) && !(inTens.has(currency) && counted % 10 !== 0);
  return fits ? { amount: counted, currency: currency.toLowerCase() } : null;
}

/** The amount that Stripe counts so. */
export function fromStripe(amount: number, currency: string): Money {
  const code = currency.toUpperCase();
  return { amount: Math.round(amount / (factors[code] ?? 1)), currency: code };
}
