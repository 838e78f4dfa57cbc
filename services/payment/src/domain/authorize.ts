import { type AuthorizePayment, type DataOf, SettleVoid } from '@waybill/contracts';
import { authorizationReply, shorten } from './authorization-reply.ts';
import { requireAction } from './challenge.ts';
import { transfer } from './ledger.ts';
import { authorization } from './operation.ts';
import { type Moment, newPayment, type Outcome, type Payment, StaleCall } from './payment.ts';
import type { AuthorizationAnswer, ProviderCall } from './provider.ts';

type Command = DataOf<typeof AuthorizePayment>;

/** Whether the provider must be called: only for a new payment with a positive amount. */
export const mustAuthorize = (payment: Payment | undefined, command: Command): boolean =>
  payment === undefined && command.amount.amount > 0;

/** Authorizes a payment. The reply is the same, however often the command is repeated. */
export function authorize(
  payment: Payment | undefined,
  command: Command,
  answer: AuthorizationAnswer | undefined,
  moment: Moment,
): Outcome {
  if (payment) return { send: [authorizationReply(payment)] };
  if (!answer && mustAuthorize(payment, command)) throw new StaleCall(command.orderId);
  if (!answer) return decline(command, 'the amount must be more than 0', moment);
  const call: ProviderCall = {
    operationId: authorization(command.orderId),
    kind: 'authorize',
    answer,
  };
  if (answer.status === 'authorized') return { ...reserve(command, answer, moment), call };
  if (answer.status === 'requires_action') {
    return { ...requireAction(command, answer, moment), call };
  }
  if (answer.status === 'voided') return { ...undone(command, moment), call };
  return { ...decline(command, answer.reason ?? 'declined', moment), call };
}

/**
 * The customer has waited long enough and the outcome is still unknown: the order gets a refusal, and payment continues
 * until nothing can be authorized any more.
 */
export function giveUp(
  payment: Payment | undefined,
  command: Command,
  why: string,
  moment: Moment,
): Outcome {
  if (payment) return { send: [authorizationReply(payment)] };
  const given: Payment = {
    ...newPayment(command.orderId, moment, 'void_pending'),
    currency: command.amount.currency,
    declineReason: 'payment_unavailable',
    detail: shorten(why),
    unsettledSince: moment.at,
  };
  return {
    payment: given,
    send: [authorizationReply(given), SettleVoid({ orderId: command.orderId })],
  };
}

function reserve(command: Command, answer: AuthorizationAnswer, moment: Moment): Outcome {
  const { orderId } = command;
  const { amount, currency } = command.amount;
  const payment: Payment = {
    ...newPayment(orderId, moment, 'authorized'),
    chargeId: answer.chargeId,
    currency,
    authorized: amount,
  };
  const operationId = authorization(orderId);
  return {
    payment,
    entries: transfer('authorize', { orderId, operationId, amount, currency, at: moment.at }),
    send: [authorizationReply(payment)],
  };
}

function decline(command: Command, detail: string, moment: Moment): Outcome {
  const payment: Payment = {
    ...newPayment(command.orderId, moment, 'declined'),
    currency: command.amount.currency,
    declineReason: 'payment_declined',
    detail: shorten(detail),
  };
  return { payment, send: [authorizationReply(payment)] };
}

function undone(command: Command, moment: Moment): Outcome {
  const payment: Payment = {
    ...newPayment(command.orderId, moment, 'undone'),
    currency: command.amount.currency,
    declineReason: 'undone',
  };
  return { payment, send: [authorizationReply(payment)] };
}
