/**
 * `provider_hold`: reserved for us at the provider. `provider_balance`: taken for us by the provider.
 * `customer`: what the customer has given (negative) and got back.
 */
export type Account = 'provider_hold' | 'provider_balance' | 'customer';

export type EntryKind = 'authorize' | 'void' | 'capture' | 'release' | 'refund';

/** One side of a transfer: a debit is positive, a credit negative. */
export interface LedgerEntry {
  readonly orderId: string;
  readonly operationId: string;
  readonly kind: EntryKind;
  readonly account: Account;
  readonly amount: number;
  readonly currency: string;
  readonly at: string;
}

const ways: Readonly<Record<EntryKind, readonly [from: Account, to: Account]>> = {
  authorize: ['customer', 'provider_hold'],
  void: ['provider_hold', 'customer'],
  capture: ['provider_hold', 'provider_balance'],
  // What was reserved and not taken goes back.
  release: ['provider_hold', 'customer'],
  refund: ['provider_balance', 'customer'],
};

/** Both sides of moving `amount`; nothing when there is nothing to move. */
export function transfer(
  kind: EntryKind,
  of: {
    readonly orderId: string;
    readonly operationId: string;
    readonly amount: number;
    readonly currency: string;
    readonly at: string;
  },
): readonly LedgerEntry[] {
  if (of.amount === 0) return [];
  const [from, to] = ways[kind];
  const { orderId, operationId, amount, currency, at } = of;
  const shared = { orderId, operationId, kind, currency, at };
  return [
    { ...shared, account: from, amount: -amount },
    { ...shared, account: to, amount },
  ];
}
