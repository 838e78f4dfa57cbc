import type { Money } from '@waybill/contracts';

/** A definite answer of a payment provider. `amount` is what the operation moved, 0 when nothing. */
export interface ProviderAnswer<S extends string = string> {
  readonly status: S;
  readonly amount: number;
  readonly currency: string | null;
  readonly chargeId: string | null;
  /** The provider's code for a no. */
  readonly reason: string | null;
}

/** `voided`: it was given up before it came, and never happens. */
export type AuthorizationAnswer = ProviderAnswer<'authorized' | 'declined' | 'voided'>;
export type CaptureAnswer = ProviderAnswer<'captured' | 'refused'>;
/** `voided` with amount 0: nothing was authorized, and a later authorization is refused. */
export type VoidAnswer = ProviderAnswer<'voided' | 'declined' | 'captured'>;
export type RefundAnswer = ProviderAnswer<'refunded' | 'refused'>;

/** A capture or refund of what the operation `authorization` reserved. */
export interface MoveRequest {
  readonly operationId: string;
  readonly authorization: string;
  readonly amount: Money;
}

/**
 * Who moves the money. Every call may be repeated under its operation id and has its effect once. It resolves
 * with a definite answer; any error means that the outcome is unknown, unless `retriable` is false.
 */
export interface PaymentProvider {
  readonly name: string;
  authorize(request: {
    readonly operationId: string;
    readonly orderId: string;
    readonly amount: Money;
    readonly token: string;
  }): Promise<AuthorizationAnswer>;
  capture(request: MoveRequest): Promise<CaptureAnswer>;
  /** Gives up an authorization by its operation id, known or not. */
  void(request: { readonly authorization: string }): Promise<VoidAnswer>;
  refund(request: MoveRequest): Promise<RefundAnswer>;
}

/** What we asked the provider and what it said, as the provider log keeps it. */
export interface ProviderCall {
  readonly operationId: string;
  readonly kind: 'authorize' | 'capture' | 'void' | 'refund';
  readonly answer: ProviderAnswer;
}
