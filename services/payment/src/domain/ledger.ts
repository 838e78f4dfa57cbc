/**
 * `provider_hold`: reserved at the provider. `provider_balance`: captured by the provider.
 * `customer`: what the customer has paid (negative) and got back.
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
  // Reserved money that was not captured is returned.
  release: ['provider_hold', 'customer'],
  refund: ['provider_balance', 'customer'],
};

/** Both sides of a transfer of `amount`; empty if the amount is 0. */
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
