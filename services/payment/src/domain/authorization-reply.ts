import {
  type Message,
  PaymentActionRequired,
  PaymentAuthorized,
  PaymentDeclined,
} from '@waybill/contracts';
import { moneyOf, type Payment } from './payment.ts';

/** The reply of an existing payment to an authorization. */
export function authorizationReply(payment: Payment): Message {
  const { orderId, paymentId, status, challenge, declineReason, detail } = payment;
  if (challenge) {
    const { url: actionUrl, until } = challenge;
    return PaymentActionRequired({ orderId, paymentId, actionUrl, until }) as Message;
  }
  if (status === 'authorized' || status === 'captured' || status === 'capture_refused') {
    const amount = moneyOf(payment, payment.authorized);
    return PaymentAuthorized({ orderId, paymentId, amount }) as Message;
  }
  return PaymentDeclined({ orderId, reason: declineReason ?? 'undone', detail }) as Message;
}

/** The text of a provider in the length of a reply. */
export const shorten = (text: string): string => text.slice(0, 300).toWellFormed();
