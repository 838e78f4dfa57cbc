import type { Money } from '@waybill/contracts';
import type { PaymentChoice } from '../domain/payment-choice.ts';

const payments: readonly PaymentChoice[] = [
  { method: 'card', token: 'tok_visa' },
  { method: 'credit' },
  {
    method: 'card_and_credit',
    token: 'tok_visa',
    creditAmount: { amount: 50_000, currency: 'EUR' },
  },
];

/** How the order with an idempotency key is paid. */
export const paymentOf = (key: string): PaymentChoice =>
  payments[Number(key.slice('key-'.length)) % payments.length] as PaymentChoice;

/** The data of commands about money. */
export interface Paying {
  readonly orderId: string;
  readonly amount?: Money;
  readonly credit?: { readonly amount: Money };
  readonly customerId?: string;
}

/** Divides the refunds of simulated orders between card and store credit; the card comes first. */
export class SimulatedCredit {
  /** What each order's card has paid and not got back. */
  private readonly onCards = new Map<string, number>();
  private readonly parts = new Map<string, number>();

  /** The part of a refund that goes to store credit, as its reply names it; a repeated command gets the same part. */
  of(operation: string, step: string, paying: Paying): { readonly credit?: Money } {
    const { orderId, amount, credit, customerId } = paying;
    if (!amount) return {};
    if (step === 'capture-payment' && !this.onCards.has(orderId))
      this.onCards.set(orderId, amount.amount - (credit?.amount.amount ?? 0));
    if (step !== 'refund-payment' || customerId === undefined) return {};
    const part = this.parts.get(operation) ?? this.refund(orderId, amount.amount);
    this.parts.set(operation, part);
    return part > 0 ? { credit: { ...amount, amount: part } } : {};
  }

  private refund(orderId: string, amount: number): number {
    const onCard = this.onCards.get(orderId) ?? 0;
    this.onCards.set(orderId, Math.max(0, onCard - amount));
    return Math.max(0, amount - onCard);
  }
}
