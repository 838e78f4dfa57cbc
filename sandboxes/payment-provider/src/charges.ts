import type { Answer, AuthorizationStatus, LedgerRecord, VoidStatus } from './operation.ts';

type Authorize = Extract<LedgerRecord, { kind: 'authorize' }>;
export type Movement = Extract<LedgerRecord, { kind: 'capture' | 'refund' }>;

export interface Charge extends Authorize {
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
  private readonly movements = new Map<string, Movement>();
  /** Operations that were voided before they arrived. */
  private readonly refusedBefore = new Set<string>();

  apply(record: LedgerRecord): void {
    if (record.kind === 'authorize') {
      this.byOperation.set(record.operationId, {
        ...record,
        voided: false,
        captured: 0,
        refunded: 0,
      });
    } else if (record.kind === 'void') {
      const charge = this.byOperation.get(record.authorization);
      if (charge) charge.voided = true;
      else this.refusedBefore.add(record.authorization);
    } else {
      this.move(record);
    }
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

  all(): Iterable<Charge> {
    return this.byOperation.values();
  }
}

/** The state of an authorization, as the response to a repeated request. */
export function authorizationAnswer(charge: Charge): Answer<AuthorizationStatus> {
  const status = charge.declined === null ? (charge.voided ? 'voided' : 'authorized') : 'declined';
  return {
    operationId: charge.operationId,
    status,
    amount: status === 'authorized' ? charge.amount : 0,
    currency: charge.currency,
    chargeId: charge.chargeId,
    reason: charge.declined,
  };
}

/** The result of a void: `amount` is the authorized amount that was released. */
export function voidAnswer(charge: Charge): Answer<VoidStatus> {
  const status = charge.declined === null ? (charge.voided ? 'voided' : 'captured') : 'declined';
  return {
    operationId: charge.operationId,
    status,
    amount: status === 'voided' ? charge.amount : 0,
    currency: charge.currency,
    chargeId: charge.chargeId,
    reason: charge.declined,
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
    if (charge.declined !== null) continue;
    sums.charges += 1;
    sums.authorized += charge.amount;
    sums.captured += charge.captured;
    sums.refunded += charge.refunded;
    if (charge.voided) sums.voided += charge.amount;
  }
  return [...orders.values()];
}
