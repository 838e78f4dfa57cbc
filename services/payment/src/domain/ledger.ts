/**
 * `provider_hold`: reserved at the provider. `provider_balance`: captured by the provider.
 * `customer`: what the customer has paid (negative) and got back.
 * `credit`: store credit that is available. `credit_hold`: reserved by orders. `credit_spent`: captured by orders.
 * `credit_source`: what operators have paid in (negative) and taken out.
 */
export type Account =
  | 'provider_hold'
  | 'provider_balance'
  | 'customer'
  | 'credit'
  | 'credit_hold'
  | 'credit_spent'
  | 'credit_source';

export type EntryKind =
  | 'authorize'
  | 'void'
  | 'capture'
  | 'release'
  | 'refund'
  | 'deposit'
  | 'withdrawal'
  | 'reserve'
  | 'unreserve'
  | 'spend'
  | 'credit_refund';

/** What a transfer is about. */
interface Transfer {
  /** Null of a change that is not of an order. */
  readonly orderId: string | null;
  /** Begins with the order, if there is one. */
  readonly operationId: string;
  /** Whose store credit moves; null of money at the provider. */
  readonly customerId?: string | null;
  readonly amount: number;
  readonly currency: string;
  readonly at: string;
}

/** One side of a transfer: a debit is positive, a credit negative. */
export interface LedgerEntry extends Transfer {
  readonly customerId: string | null;
  readonly kind: EntryKind;
  readonly account: Account;
}

const ways: Readonly<Record<EntryKind, readonly [from: Account, to: Account]>> = {
  authorize: ['customer', 'provider_hold'],
  void: ['provider_hold', 'customer'],
  capture: ['provider_hold', 'provider_balance'],
  // Reserved money that was not captured is returned.
  release: ['provider_hold', 'customer'],
  refund: ['provider_balance', 'customer'],
  deposit: ['credit_source', 'credit'],
  withdrawal: ['credit', 'credit_source'],
  reserve: ['credit', 'credit_hold'],
  unreserve: ['credit_hold', 'credit'],
  spend: ['credit_hold', 'credit_spent'],
  credit_refund: ['credit_spent', 'credit'],
};

/** Both sides of a transfer of `amount`; empty if the amount is 0. */
export function transfer(kind: EntryKind, of: Transfer): readonly LedgerEntry[] {
  if (of.amount === 0) return [];
  const [from, to] = ways[kind];
  const { orderId, operationId, customerId = null, amount, currency, at } = of;
  const shared = { orderId, operationId, customerId, kind, currency, at };
  return [
    { ...shared, account: from, amount: -amount },
    { ...shared, account: to, amount },
  ];
}
