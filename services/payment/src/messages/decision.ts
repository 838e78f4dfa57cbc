import type { Change, DecideContext, Decision } from '@waybill/messaging';
import type { Moment, Outcome } from '../domain/payment.ts';
import {
  creditAccounts,
  creditPayments,
  ledgerEntries,
  paymentFlags,
  payments,
  providerCalls,
  refunds,
} from '../storage/payment.entities.ts';

/** The part of the context that the domain needs. */
export const momentOf = (
  { now, id }: Pick<DecideContext<unknown>, 'now' | 'id'>,
  provider: string,
  actionWithin: number,
): Moment => ({
  at: now.toISOString(),
  provider,
  paymentId: id('payment'),
  actionUntil: new Date(now.getTime() + actionWithin).toISOString(),
});

/** The decision for an outcome. */
export const decisionOf = (
  orderId: string,
  outcome: Outcome,
  moment: Moment,
  id: string,
): Decision => ({
  changes: [...changesOf(outcome), ...logged(orderId, outcome, moment, id)],
  send: outcome.send,
});

/** The states and the ledger entries of an outcome. */
export const changesOf = (outcome: Outcome): Change[] => [
  ...(outcome.payment ? [payments.put(outcome.payment)] : []),
  ...(outcome.refund ? [refunds.put(outcome.refund)] : []),
  ...(outcome.creditPayment ? [creditPayments.put(outcome.creditPayment)] : []),
  ...(outcome.creditAccount ? [creditAccounts.put(outcome.creditAccount)] : []),
  ...(outcome.flag ? [paymentFlags.put(outcome.flag)] : []),
  ...(outcome.entries ?? []).map((entry) => ledgerEntries.entry(entry)),
];

function logged(orderId: string, { call }: Outcome, { at }: Moment, id: string) {
  if (!call) return [];
  const { operationId, kind, answer } = call;
  const { status, amount, chargeId, reason } = answer;
  return [
    providerCalls.entry({
      id,
      orderId,
      operationId,
      kind,
      outcome: status,
      amount,
      chargeId,
      reason,
      at,
    }),
  ];
}
