import { type Message, PaymentFlagged } from '@waybill/contracts';

export const flagKinds = ['dispute', 'unknown_charge'] as const;
export type FlagKind = (typeof flagKinds)[number];

/**
 * Something about the payment of an order that a person should look at. An order has as many as there are reasons;
 * a flag is never changed, and never makes way for another.
 */
export interface PaymentFlag {
  /** Derived from what it tells of, so that telling it again makes no second flag. */
  readonly id: string;
  readonly orderId: string;
  readonly flag: FlagKind;
  /** The event of the provider that told it; null when an answer of the provider did. */
  readonly eventId: string | null;
  readonly detail: string;
  /** When it happened, as the provider says. */
  readonly occurredAt: string;
  /** When it was flagged. */
  readonly at: string;
}

/** The flag, and the news of it. */
export const raise = (
  flag: PaymentFlag,
  paymentId: string,
): { readonly flag: PaymentFlag; readonly send: readonly Message[] } => ({
  flag,
  send: [
    PaymentFlagged({
      orderId: flag.orderId,
      paymentId,
      flag: flag.flag,
      detail: flag.detail.slice(0, 300).toWellFormed(),
    }),
  ],
});
