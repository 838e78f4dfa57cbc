import { type AuthorizePayment, type DataOf, SettleVoid } from '@waybill/contracts';
import { authorizationReply, shorten } from './authorization-reply.ts';
import { transfer } from './ledger.ts';
import { authorization } from './operation.ts';
import { currencyOf, type Moment, newPayment, type Outcome, type Payment } from './payment.ts';
import type { AuthorizationAnswer } from './provider.ts';

/** The customer must confirm the payment at the provider: the order waits for it. */
export function requireAction(
  { orderId, amount: { amount, currency } }: DataOf<typeof AuthorizePayment>,
  { chargeId, actionUrl }: AuthorizationAnswer,
  moment: Moment,
): Outcome {
  const payment: Payment = {
    ...newPayment(orderId, moment, 'requires_action'),
    chargeId,
    currency,
    challenge: { url: actionUrl ?? '', until: moment.actionUntil, amount },
  };
  return { payment, send: [authorizationReply(payment)] };
}

/**
 * Takes what the provider says about a payment that its customer must confirm; without an answer, or before the customer has
 * decided, it ends when the time is up. The void that follows then decides at the provider which of the two came first.
 */
export function settleChallenge(
  payment: Payment | undefined,
  answer: AuthorizationAnswer | undefined,
  moment: Moment,
): Outcome {
  if (!payment?.challenge) return { send: [] };
  if (!answer || answer.status === 'requires_action') {
    const isOver = moment.at >= payment.challenge.until;
    return isOver ? abandon(payment, answer, moment) : wait(payment, answer?.actionUrl, moment);
  }
  const call = { operationId: authorization(payment.orderId), kind: 'find', answer } as const;
  const decided = { ...payment, challenge: null, updatedAt: moment.at };
  if (answer.status === 'authorized')
    return { ...reserve(decided, payment.challenge.amount), call };
  const refused: Payment =
    answer.status === 'voided'
      ? { ...decided, status: 'undone', declineReason: 'undone' }
      : {
          ...decided,
          status: 'declined',
          declineReason: 'payment_declined',
          detail: shorten(answer.reason ?? 'declined'),
        };
  return { payment: refused, call, send: [authorizationReply(refused)] };
}

function reserve(payment: Payment, amount: number): Outcome {
  const { orderId, updatedAt: at } = payment;
  const paid: Payment = { ...payment, status: 'authorized', authorized: amount };
  const currency = currencyOf(payment);
  const operationId = authorization(orderId);
  return {
    payment: paid,
    entries: transfer('authorize', { orderId, operationId, amount, currency, at }),
    send: [authorizationReply(paid)],
  };
}

/** The page of the provider may have moved: then the order is told the new address. */
function wait(payment: Payment, actionUrl: string | undefined, { at }: Moment): Outcome {
  const { challenge } = payment;
  if (!challenge || actionUrl === undefined || actionUrl === challenge.url) return { send: [] };
  const moved = { ...payment, challenge: { ...challenge, url: actionUrl }, updatedAt: at };
  return { payment: moved, send: [authorizationReply(moved)] };
}

function abandon(
  payment: Payment,
  answer: AuthorizationAnswer | undefined,
  moment: Moment,
): Outcome {
  const given: Payment = {
    ...payment,
    status: 'void_pending',
    challenge: null,
    declineReason: answer ? 'payment_declined' : 'payment_unavailable',
    detail: 'the customer did not confirm the payment in time',
    unsettledSince: moment.at,
    updatedAt: moment.at,
  };
  const { orderId } = payment;
  return { payment: given, send: [authorizationReply(given), SettleVoid({ orderId })] };
}
