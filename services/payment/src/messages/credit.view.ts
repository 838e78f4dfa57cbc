import type { Money } from '@waybill/contracts';
import { availableOf, type CreditAccount } from '../domain/credit-account.ts';

/** The store credit of a customer, as returned by the API. */
export interface CreditView {
  readonly balance: Money;
  readonly available: Money;
  readonly currency: string;
}

/** `currency` is that of a customer who has no account yet. */
export function creditView(account: CreditAccount | undefined, currency: string): CreditView {
  const money = (amount: number) => ({ amount, currency: account?.currency ?? currency });
  return {
    balance: money(account?.balance ?? 0),
    available: money(availableOf(account)),
    currency: account?.currency ?? currency,
  };
}
