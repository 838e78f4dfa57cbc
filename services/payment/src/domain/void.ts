import { PaymentVoided, SettleVoid } from '@waybill/contracts';
import { type LedgerEntry, transfer } from './ledger.ts';
import { authorization } from './operation.ts';
import {
  type Moment,
  newPayment,
  type Outcome,
  type Payment,
  PaymentError,
  StaleCall,
} from './payment.ts';
import { type PaymentFlag, raise } from './payment-flag.ts';
import type { ProviderCall, VoidAnswer } from './provider.ts';

/** Whether there is a known amount to release, or a customer who may still confirm it, so that an immediate call is worthwhile. */
export const mayVoid = (payment: Payment | undefined): boolean =>
  payment?.status === 'authorized' ||
  payment?.status === 'capture_refused' ||
  payment?.status === 'requires_action';

/**
 * Undoes an authorization, even one that never arrived. Replies at once: without a definite result of the provider
 * the payment becomes `void_pending`, and `SettleVoid` continues on its own.
 */
export function voidPayment(
  payment: Payment | undefined,
  orderId: string,
  answer: VoidAnswer | undefined,
  moment: Moment,
  flagged?: PaymentFlag,
): Outcome {
  if (payment?.status === 'captured') {
    throw new PaymentError(
      'payment_captured',
      `payment of order ${orderId} is captured and cannot be voided`,
    );
  }
  if (payment && !mayVoid(payment)) return { send: [standing(payment)] };
  const given: Payment = {
    ...(payment ?? newPayment(orderId, moment, 'void_pending')),
    status: 'void_pending',
    declineReason: 'undone',
    challenge: null,
    unsettledSince: moment.at,
    updatedAt: moment.at,
  };
  if (!answer) return { payment: given, send: [standing(given), SettleVoid({ orderId })] };
  const settled = settleVoid(given, orderId, answer, moment, flagged);
  return { ...settled, send: [standing(settled.payment ?? given), ...settled.send] };
}

/** Settles a pending void; changes nothing otherwise. `flagged` is the flag `voidFlag` of the order. */
export function settleVoid(
  payment: Payment | undefined,
  orderId: string,
  answer: VoidAnswer | undefined,
  moment: Moment,
  flagged?: PaymentFlag,
): Outcome {
  if (payment?.status !== 'void_pending') return { send: [] };
  if (!answer) throw new StaleCall(orderId);
  const call: ProviderCall = { operationId: authorization(orderId), kind: 'void', answer };
  if (answer.status === 'captured') return { ...surprise(payment, moment, flagged), call };
  const held = payment.authorized > 0 ? payment.authorized : answer.amount;
  const wasAuthorized = answer.status === 'voided' && held > 0;
  return {
    payment: {
      ...payment,
      status: wasAuthorized ? 'voided' : 'undone',
      authorized: wasAuthorized ? held : payment.authorized,
      currency: payment.currency ?? answer.currency,
      chargeId: payment.chargeId ?? answer.chargeId,
      unsettledSince: null,
      updatedAt: moment.at,
    },
    entries: wasAuthorized ? given(payment, held, answer, moment.at) : [],
    call,
    send: [],
  };
}

/** The ledger entries of an authorization whose response was lost: it becomes known and is released at the same time. */
function given(
  payment: Payment,
  amount: number,
  answer: VoidAnswer,
  at: string,
): readonly LedgerEntry[] {
  const { orderId } = payment;
  const currency = payment.currency ?? answer.currency;
  if (currency === null) {
    throw new PaymentError(
      'no_currency',
      `the void of order ${orderId} moved money of no currency`,
    );
  }
  const of = { orderId, operationId: authorization(orderId), amount, currency, at };
  const posted = payment.authorized > 0;
  return [...(posted ? [] : transfer('authorize', of)), ...transfer('void', of)];
}

/** The id of the flag for a void to which the provider replies that the money is captured. */
export const voidFlag = (orderId: string): string => `${authorization(orderId)}/void`;

/** The provider has captured money without a request: only an operator can find out why. */
function surprise(payment: Payment, moment: Moment, flagged?: PaymentFlag): Outcome {
  // If the void has just become pending, that is stored too.
  const stored = { payment: { ...payment, updatedAt: moment.at } };
  if (flagged) return { ...stored, send: [] };
  const detail = 'the provider says captured, although no capture was asked for';
  const { orderId, paymentId } = payment;
  const times = { occurredAt: moment.at, at: moment.at };
  const raised = { flag: 'unknown_charge', orderId, eventId: null, detail, ...times } as const;
  return { ...stored, ...raise({ id: voidFlag(orderId), ...raised }, paymentId) };
}

function standing({ orderId, status }: Payment) {
  if (status === 'void_pending' || status === 'voided') {
    return PaymentVoided({ orderId, state: status });
  }
  return PaymentVoided({ orderId, state: 'never_authorized' });
}
