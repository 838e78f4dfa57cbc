import {
  CreditDeclined,
  CreditReleased,
  CreditReserved,
  type DataOf,
  type ReleaseCredit,
  type ReserveCredit,
} from '@waybill/contracts';
import { availableOf, type CreditAccount } from './credit-account.ts';
import type { Credit, CreditPayment } from './credit-payment.ts';
import { transfer } from './ledger.ts';
import { creditReservation } from './operation.ts';
import { type Moment, type Outcome, PaymentError } from './payment.ts';

type When = Pick<Moment, 'at' | 'paymentId'>;

/** Reserves the amount if it is available. The reply is the same, however often the command is repeated. */
export function reserveCredit(
  { payment, account }: Credit,
  command: DataOf<typeof ReserveCredit>,
  moment: When,
): Outcome {
  if (payment) return { send: [reservationReply(payment)] };
  const { orderId, customerId } = command;
  const { amount, currency } = command.amount;
  const begun = { ...newCreditPayment(command, moment), currency, amount };
  const refusal = obstacle(account, command);
  if (!account || refusal !== null) {
    const declined: CreditPayment = { ...begun, status: 'declined', detail: refusal ?? '' };
    return { creditPayment: declined, send: [reservationReply(declined)] };
  }
  const { at } = moment;
  const operationId = creditReservation(orderId);
  return {
    creditPayment: begun,
    creditAccount: { ...account, held: account.held + amount, updatedAt: at },
    entries: transfer('reserve', { orderId, operationId, customerId, amount, currency, at }),
    send: [reservationReply(begun)],
  };
}

/** Makes the amount available again, even of a reservation that never arrived. */
export function releaseCredit(
  { payment, account }: Credit,
  command: DataOf<typeof ReleaseCredit>,
  moment: When,
): Outcome {
  const { orderId, customerId } = command;
  const send = [CreditReleased({ orderId })];
  if (!payment) {
    return { creditPayment: { ...newCreditPayment(command, moment), status: 'undone' }, send };
  }
  if (payment.status === 'captured') {
    const what = `the store credit of order ${orderId} is captured and cannot be released`;
    throw new PaymentError('credit_captured', what);
  }
  if (payment.status !== 'reserved' || !account) return { send };
  const { amount } = payment;
  const { at } = moment;
  const operationId = creditReservation(orderId);
  const { currency } = account;
  return {
    creditPayment: { ...payment, status: 'released', updatedAt: at },
    creditAccount: { ...account, held: account.held - amount, updatedAt: at },
    entries: transfer('unreserve', { orderId, operationId, customerId, amount, currency, at }),
    send,
  };
}

/** Takes the reserved amount. */
export function spendCredit(
  { payment, account }: Credit,
  operationId: string,
  at: string,
): Omit<Outcome, 'send'> {
  if (payment?.status !== 'reserved' || !account) return {};
  const { orderId, customerId, amount } = payment;
  const { currency } = account;
  return {
    creditPayment: { ...payment, status: 'captured', updatedAt: at },
    creditAccount: {
      ...account,
      balance: account.balance - amount,
      held: account.held - amount,
      updatedAt: at,
    },
    entries: transfer('spend', { orderId, operationId, customerId, amount, currency, at }),
  };
}

/** How much of what store credit paid was not given back yet. */
export const refundableCredit = (payment: CreditPayment | undefined): number =>
  payment?.status === 'captured' ? payment.amount - payment.refunded : 0;

/** Gives a part of the amount back to the account. */
export function refundCredit(
  { payment, account }: Credit,
  amount: number,
  operationId: string,
  at: string,
): Omit<Outcome, 'send'> {
  if (amount === 0 || !payment || !account) return {};
  const { orderId, customerId } = payment;
  const { currency } = account;
  return {
    creditPayment: { ...payment, refunded: payment.refunded + amount, updatedAt: at },
    creditAccount: { ...account, balance: account.balance + amount, updatedAt: at },
    entries: transfer('credit_refund', { orderId, operationId, customerId, amount, currency, at }),
  };
}

/** Why nothing is reserved, or null. */
function obstacle(
  account: CreditAccount | undefined,
  { amount: { amount, currency } }: DataOf<typeof ReserveCredit>,
): string | null {
  if (amount <= 0) return 'the amount must be more than 0';
  if (amount > availableOf(account)) return 'there is too little store credit';
  return account?.currency === currency ? null : `the store credit is in ${account?.currency}`;
}

function reservationReply(payment: CreditPayment) {
  const { orderId, paymentId, status, currency, amount, detail } = payment;
  if ((status === 'reserved' || status === 'captured') && currency !== null) {
    return CreditReserved({ orderId, paymentId, amount: { amount, currency } });
  }
  const reason = status === 'declined' ? 'payment_declined' : 'undone';
  return CreditDeclined({ orderId, reason, detail });
}

const newCreditPayment = (
  { orderId, customerId }: Pick<CreditPayment, 'orderId' | 'customerId'>,
  { at, paymentId }: When,
): CreditPayment => ({
  orderId,
  customerId,
  paymentId,
  status: 'reserved',
  currency: null,
  amount: 0,
  refunded: 0,
  detail: '',
  createdAt: at,
  updatedAt: at,
});
