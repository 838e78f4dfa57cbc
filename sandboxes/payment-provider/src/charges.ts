import type { Answer, AuthorizationStatus, LedgerRecord, VoidStatus } from './operation.ts';
import { needsAction } from './tokens.ts';

type Authorize = Extract<LedgerRecord, { kind: 'authorize' }>;
export type Movement = Extract<LedgerRecord, { kind: 'capture' | 'refund' }>;

export interface Charge extends Authorize {
  /** Whether the customer has confirmed it; null for cards that need no confirmation. */
  approved: boolean | 'open' | null;
  voided: boolean;
  captured: number;
  refunded: number;
}

/** The sums of one order, for comparison with another ledger. */
export interface OrderSums {
  readonly orderId: string;
  authorized: number;
  captured: number;
  voided: number;
  refunded: number;
  /** Authorized charges; more than one is a double charge. */
  charges: number;
}

/** The charges, folded from the ledger file: the same records always give the same charges. */
export class Charges {
  private readonly byOperation = new Map<string, Charge>();
  private readonly challenges = new Map<string, Charge>();
  private readonly movements = new Map<string, Movement>();
  /** Operations that were voided before they arrived. */
  private readonly refusedBefore = new Set<string>();

  apply(record: LedgerRecord): void {
    if (record.kind === 'authorize') {
      this.authorize(record);
    } else if (record.kind === 'challenge') {
      const charge = this.byOperation.get(record.authorization);
      if (charge) charge.approved = record.approved;
    } else if (record.kind === 'void') {
      const charge = this.byOperation.get(record.authorization);
      if (charge) charge.voided = true;
      else this.refusedBefore.add(record.authorization);
    } else {
      this.move(record);
    }
  }

  private authorize(record: Authorize): void {
    const approved = needsAction(record.token) ? 'open' : null;
    const charge: Charge = { ...record, approved, voided: false, captured: 0, refunded: 0 };
    this.byOperation.set(record.operationId, charge);
    if (approved) this.challenges.set(record.chargeId, charge);
  }

  private move(record: Movement): void {
    this.movements.set(record.operationId, record);
    const charge = this.byOperation.get(record.authorization);
    if (!charge || record.refused !== null) return;
    if (record.kind === 'capture') charge.captured += record.amount;
    else charge.refunded += record.amount;
  }

  charge(operationId: string): Charge | undefined {
    return this.byOperation.get(operationId);
  }

  movement(operationId: string): Movement | undefined {
    return this.movements.get(operationId);
  }

  wasVoidedBefore(operationId: string): boolean {
    return this.refusedBefore.has(operationId);
  }

  /** The charge with an id that the provider has given it, if its customer had to confirm it. */
  challenged(chargeId: string): Charge | undefined {
    return this.challenges.get(chargeId);
  }

  all(): Iterable<Charge> {
    return this.byOperation.values();
  }
}

/** Whether the amount of a charge is, or was, reserved. */
export const isAuthorized = ({ declined, approved }: Charge): boolean =>
  declined === null && (approved === null || approved === true);

/** Why a charge is declined, by its card or its customer; null if it is not. */
export const declineOf = ({ declined, approved }: Charge): string | null =>
  declined ?? (approved === false ? 'authentication_failed' : null);

function statusOf(charge: Charge): AuthorizationStatus {
  if (declineOf(charge) !== null) return 'declined';
  if (charge.voided) return 'voided';
  return charge.approved === 'open' ? 'requires_action' : 'authorized';
}

/** The state of an authorization, as the response to a repeated request. */
export function authorizationAnswer(charge: Charge): Answer<AuthorizationStatus> {
  const status = statusOf(charge);
  return {
    operationId: charge.operationId,
    status,
    amount: status === 'authorized' ? charge.amount : 0,
    currency: charge.currency,
    chargeId: charge.chargeId,
    reason: declineOf(charge),
  };
}

/** The result of a void: `amount` is the authorized amount that was released. */
export function voidAnswer(charge: Charge): Answer<VoidStatus> {
  const declined = declineOf(charge);
  const status = declined === null ? (charge.voided ? 'voided' : 'captured') : 'declined';
  return {
    operationId: charge.operationId,
    status,
    amount: status === 'voided' && isAuthorized(charge) ? charge.amount : 0,
    currency: charge.currency,
    chargeId: charge.chargeId,
    reason: declined,
  };
}

/** The response for an operation that was voided before it arrived: it never takes effect. */
export const neverHappened = (operationId: string): Answer<'voided'> => ({
  operationId,
  status: 'voided',
  amount: 0,
  currency: null,
  chargeId: null,
  reason: 'voided_before_it_came',
});

/** The sums of each order's charges. */
export function sumsByOrder(charges: Iterable<Charge>): OrderSums[] {
  const orders = new Map<string, OrderSums>();
  for (const charge of charges) {
    const { orderId } = charge;
    const sums = orders.get(orderId) ?? {
      orderId,
      authorized: 0,
      captured: 0,
      voided: 0,
      refunded: 0,
      charges: 0,
    };
    orders.set(orderId, sums);
    if (!isAuthorized(charge)) continue;
    sums.charges += 1;
    sums.authorized += charge.amount;
    sums.captured += charge.captured;
    sums.refunded += charge.refunded;
    if (charge.voided) sums.voided += charge.amount;
  }
  return [...orders.values()];
}
