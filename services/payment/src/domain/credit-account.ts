import type { Money } from '@waybill/contracts';
import { type LedgerEntry, transfer } from './ledger.ts';

/** The store credit of a customer. Amounts are in minor units of `currency`. */
export interface CreditAccount {
  readonly customerId: string;
  readonly currency: string;
  readonly balance: number;
  /** The part of the balance that orders have reserved. */
  readonly held: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What an operator pays into an account, or takes out of it. */
export interface CreditChange {
  readonly customerId: string;
  readonly kind: 'deposit' | 'withdrawal';
  readonly amount: Money;
}

/** An account after a change, and what the change posts. */
export interface CreditMove {
  readonly account: CreditAccount;
  readonly entries: readonly LedgerEntry[];
}

/** A rule of store credit refuses the change. */
export class CreditRefused extends Error {
  readonly retriable = false;
  constructor(
    readonly code: 'insufficient_credit' | 'wrong_currency' | 'balance_too_large',
    message: string,
    /** The field of the request that the rule is about. */
    readonly path?: string,
  ) {
    super(message);
    this.name = 'CreditRefused';
  }
}

/** The largest balance, in minor units. */
export const maxBalance = 1_000_000_000_000;

/** What the customer can spend. */
export const availableOf = (account: CreditAccount | undefined): number =>
  account ? account.balance - account.held : 0;

/** Changes an account, which begins with its first deposit. `id` distinguishes the change from all others. Throws `CreditRefused`. */
export function changeCredit(
  found: CreditAccount | undefined,
  { customerId, kind, amount: { amount, currency } }: CreditChange,
  { id, at }: { readonly id: string; readonly at: string },
): CreditMove {
  const account = found ?? openAccount(customerId, currency, at);
  if (currency !== account.currency) {
    const detail = `the store credit is in ${account.currency}`;
    throw new CreditRefused('wrong_currency', detail, '/amount/currency');
  }
  if (kind === 'withdrawal' && amount > availableOf(account)) {
    const detail = `${availableOf(account)} ${currency} of the store credit are available, not ${amount}`;
    throw new CreditRefused('insufficient_credit', detail);
  }
  const balance = account.balance + (kind === 'deposit' ? amount : -amount);
  if (balance > maxBalance) {
    throw new CreditRefused('balance_too_large', `store credit is at most ${maxBalance}`);
  }
  const operationId = `${kind}/${id}`;
  return {
    account: { ...account, balance, updatedAt: at },
    entries: transfer(kind, { orderId: null, operationId, customerId, amount, currency, at }),
  };
}

const openAccount = (customerId: string, currency: string, at: string): CreditAccount => ({
  customerId,
  currency,
  balance: 0,
  held: 0,
  createdAt: at,
  updatedAt: at,
});
