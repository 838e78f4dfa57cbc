import type { CreditAccount } from './credit-account.ts';

/** `undone`: released before it was ever reserved; a later reservation is declined. */
export type CreditPaymentStatus = 'reserved' | 'declined' | 'captured' | 'released' | 'undone';

/** What store credit pays of an order. One per order, kept for good, because it makes repeated commands harmless. */
export interface CreditPayment {
  readonly orderId: string;
  readonly customerId: string;
  readonly paymentId: string;
  readonly status: CreditPaymentStatus;
  /** Null if it was released before it was reserved. */
  readonly currency: string | null;
  readonly amount: number;
  readonly refunded: number;
  readonly detail: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** The store credit of an order's customer, and the order's part of it. */
export interface Credit {
  readonly payment: CreditPayment | undefined;
  readonly account: CreditAccount | undefined;
}
