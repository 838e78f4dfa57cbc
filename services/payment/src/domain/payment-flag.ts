import { type Message, PaymentFlagged } from '@waybill/contracts';

export const flagKinds = ['dispute', 'unknown_charge'] as const;
export type FlagKind = (typeof flagKinds)[number];

/**
 * A problem with the payment of an order that an operator should look at. An order has one flag per problem;
 * a flag is never changed or replaced.
 */
export interface PaymentFlag {
  /** Derived from the problem, so that a repeated report makes no second flag. */
  readonly id: string;
  readonly orderId: string;
  readonly flag: FlagKind;
  /** The provider event that reported it; null if a response of the provider did. */
  readonly eventId: string | null;
  readonly detail: string;
  /** When it happened, according to the provider. */
  readonly occurredAt: string;
  /** When it was flagged. */
  readonly at: string;
}

/** The flag, and the event about it. */
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
