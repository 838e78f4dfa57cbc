import type { EmailTemplate, Money } from '@waybill/contracts';

/** What the texts of an e-mail are made from. */
export interface Told {
  readonly number: string;
  readonly reason: string | null;
  readonly refunded: string | null;
}

interface Wording {
  readonly subject: (told: Told) => string;
  readonly opening: (told: Told) => string;
}

/** All texts of a language. */
export interface Language {
  readonly greeting: (name: string) => string;
  readonly total: (amount: string) => string;
  readonly totalLabel: string;
  readonly digest: { readonly subject: (count: number) => string; readonly opening: string };
  readonly wordings: Readonly<Record<EmailTemplate, Wording>>;
}

/** Some currencies have no minor unit, or one of three digits. */
export function moneyText({ amount, currency }: Money, locale: string): string {
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amount / 10 ** digits);
}
