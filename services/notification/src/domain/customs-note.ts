import type { Money } from '@waybill/contracts';
import type { AlertText } from './alert-text.ts';
import { moneyText } from './wording.ts';

/** What operators are told of an order of high value that leaves Europe. */
export function customsNote(order: {
  readonly number: string;
  readonly country: string;
  readonly total: Money;
}): AlertText {
  const { number, country } = order;
  const subject = `[info] Order ${number} of high value goes to ${country}`;
  const lines = [
    `Order ${number}: ${moneyText(order.total, 'en')}, to ${country}`,
    'what to do: see that its parcels have the papers that the customs need',
  ];
  return { subject, lines };
}
