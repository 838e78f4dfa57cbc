import type { Money } from '@waybill/contracts';

/** A definite result of a payment provider. `amount` is what the operation moved, 0 if nothing. */
export interface ProviderAnswer<S extends string = string> {
  readonly status: S;
  readonly amount: number;
  readonly currency: string | null;
  readonly chargeId: string | null;
  /** The provider's code for a refusal. */
  readonly reason: string | null;
  /** Where the customer confirms a payment that `requires_action`. */
  readonly actionUrl?: string | undefined;
}

/** `voided`: it was voided before it arrived, and never takes effect. */
export type AuthorizationAnswer = ProviderAnswer<
  'authorized' | 'declined' | 'voided' | 'requires_action'
>;
export type CaptureAnswer = ProviderAnswer<'captured' | 'refused'>;
/** `voided` with amount 0: nothing was authorized, and a later authorization is refused. */
export type VoidAnswer = ProviderAnswer<'voided' | 'declined' | 'captured'>;
export type RefundAnswer = ProviderAnswer<'refunded' | 'refused'>;

/** A charge that exists already, or may exist. */
export interface ChargeRequest {
  /** The operation that authorized it. */
  readonly authorization: string;
  /** The provider's id, once a response has named it: some providers find a charge by their own id only. */
  readonly chargeId: string | null;
}

/** A capture or refund of the amount that the operation `authorization` reserved. */
export interface MoveRequest extends ChargeRequest {
  readonly operationId: string;
  readonly amount: Money;
}

/**
 * A payment provider. Every call may be repeated with its operation id and takes effect once. It resolves
 * with a definite result; every error means that the outcome is unknown, unless `retriable` is false.
 */
export interface PaymentProvider {
  readonly name: string;
  authorize(request: {
    readonly operationId: string;
    readonly orderId: string;
    readonly amount: Money;
    readonly token: string;
  }): Promise<AuthorizationAnswer>;
  /** What has become of an authorization that required an action of the customer. */
  findAuthorization(
    request: ChargeRequest & { readonly amount: Money },
  ): Promise<AuthorizationAnswer>;
  capture(request: MoveRequest): Promise<CaptureAnswer>;
  /** Releases an authorization by its operation id, known or not. */
  void(request: ChargeRequest): Promise<VoidAnswer>;
  /** Refunding a disputed charge concedes the dispute, so that the customer is paid once. */
  refund(request: MoveRequest): Promise<RefundAnswer>;
}

/** A call to the provider and its result, as the provider log stores them. */
export interface ProviderCall {
  readonly operationId: string;
  readonly kind: 'authorize' | 'find' | 'capture' | 'void' | 'refund';
  readonly answer: ProviderAnswer;
}
