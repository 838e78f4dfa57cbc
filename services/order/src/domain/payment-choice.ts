import type { Money } from '@waybill/contracts';
import { OrderRefused } from './order.errors.ts';

/** How a customer pays. */
export type PaymentChoice =
  | { readonly method: 'card'; readonly token: string }
  | { readonly method: 'credit' }
  | { readonly method: 'card_and_credit'; readonly token: string; readonly creditAmount: Money };
export type PaymentMethod = PaymentChoice['method'];

/** The part of an order's total that store credit pays; undefined if none is used. Throws `OrderRefused`. */
export function creditPartOf(payment: PaymentChoice, total: Money): number | undefined {
  if (payment.method === 'card') return undefined;
  if (payment.method === 'credit') return total.amount;
  const { amount, currency } = payment.creditAmount;
  const path = '/payment/creditAmount';
  if (currency !== total.currency) {
    const detail = `this shop sells in ${total.currency}, not ${currency}`;
    throw new OrderRefused('wrong_currency', detail, `${path}/currency`);
  }
  if (amount < total.amount) return amount;
  const detail = `the credit must be less than the total of ${total.amount} ${currency}; or use the method credit`;
  throw new OrderRefused('credit_exceeds_total', detail, `${path}/amount`);
}

/** The method of an order, from the part that store credit pays. */
export function methodOf(credit: number | undefined, total: number): PaymentMethod {
  if (credit === undefined) return 'card';
  return credit === total ? 'credit' : 'card_and_credit';
}
