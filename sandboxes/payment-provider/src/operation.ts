export type AuthorizationStatus = 'authorized' | 'declined' | 'voided';
export type CaptureStatus = 'captured' | 'refused';
export type VoidStatus = 'voided' | 'declined' | 'captured';
export type RefundStatus = 'refunded' | 'refused';

/** A definite answer. `amount` is what the operation moved: 0 when it moved nothing. */
export interface Answer<S extends string = string> {
  readonly operationId: string;
  readonly status: S;
  readonly amount: number;
  readonly currency: string | null;
  readonly chargeId: string | null;
  readonly reason: string | null;
}

/** One line of the ledger file. */
export type LedgerRecord =
  | {
      readonly kind: 'authorize';
      readonly at: string;
      readonly operationId: string;
      readonly orderId: string;
      readonly chargeId: string;
      readonly token: string;
      readonly amount: number;
      readonly currency: string;
      /** Null: authorized. */
      readonly declined: string | null;
    }
  | { readonly kind: 'void'; readonly at: string; readonly authorization: string }
  | {
      readonly kind: 'capture' | 'refund';
      readonly at: string;
      readonly operationId: string;
      readonly authorization: string;
      readonly amount: number;
      readonly currency: string;
      /** Null: it happened. */
      readonly refused: string | null;
    };

/** A request was understood and cannot be done: no retry will help. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'Refused';
  }
}
