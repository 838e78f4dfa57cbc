import type { CreditAccount } from '../domain/credit-account.ts';
import type { CreditPayment } from '../domain/credit-payment.ts';
import type { Moment, PaidWith, Payment } from '../domain/payment.ts';
import type { ProviderAnswer } from '../domain/provider.ts';

export const orderId = '0198c0de-0000-7000-8000-000000000001';
export const paymentId = '0198c0de-0000-7000-8000-000000000002';
export const refundId = '0198c0de-0000-7000-8000-00000000000f';
export const total = { amount: 1999, currency: 'EUR' };

export const now: Moment = {
  at: '2026-01-02T03:04:05.678Z',
  provider: 'sandbox',
  paymentId,
  actionUntil: '2026-01-02T03:19:05.678Z',
};

/** An authorized payment, with the given differences. */
export const paymentWith = (more: Partial<Payment> = {}): Payment => ({
  orderId,
  paymentId,
  status: 'authorized',
  provider: 'sandbox',
  chargeId: 'ch_1',
  currency: 'EUR',
  authorized: 1999,
  captured: 0,
  refunded: 0,
  declineReason: null,
  detail: '',
  challenge: null,
  unsettledSince: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  ...more,
});

/** What an order is paid with that uses no store credit. */
export const byCard = (card: Payment | undefined): PaidWith => ({
  card,
  credit: { payment: undefined, account: undefined },
});

export const customerId = 'ada';

/** Store credit of 50 euros, with the given differences. */
export const accountWith = (more: Partial<CreditAccount> = {}): CreditAccount => ({
  customerId,
  currency: 'EUR',
  balance: 5_000,
  held: 0,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  ...more,
});

/** Store credit that is reserved for a part of an order, with the given differences. */
export const creditPaymentWith = (more: Partial<CreditPayment> = {}): CreditPayment => ({
  orderId,
  customerId,
  paymentId,
  status: 'reserved',
  currency: 'EUR',
  amount: 700,
  refunded: 0,
  detail: '',
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  ...more,
});

/** A result of the provider; amounts that moved nothing are 0. */
export const published = <S extends string>(
  status: S,
  amount = 0,
  reason: string | null = null,
): ProviderAnswer<S> => ({ status, amount, currency: 'EUR', chargeId: 'ch_1', reason });

/** Each sent message as its type and data. */
export const told = (outcome: {
  readonly send: readonly {
    readonly contract: { readonly type: string };
    readonly data: unknown;
  }[];
}) => outcome.send.map(({ contract, data }) => [contract.type, data]);

/** Each transfer as `kind: from -> to amount`. */
export function moved(
  entries:
    | readonly { readonly kind: string; readonly account: string; readonly amount: number }[]
    | undefined,
): string[] {
  const found = entries ?? [];
  return found
    .filter(({ amount }) => amount > 0)
    .map(({ kind, account, amount }) => {
      const from = found.find((entry) => entry.kind === kind && entry.amount === -amount);
      return `${kind}: ${from?.account} -> ${account} ${amount}`;
    });
}
