import {
  type CapturePayment,
  CaptureRefused,
  type DataOf,
  PaymentCaptured,
} from '@waybill/contracts';
import { type LedgerEntry, transfer } from './ledger.ts';
import { authorization, capture as captureOf } from './operation.ts';
import {
  currencyOf,
  type Moment,
  moneyOf,
  type Outcome,
  type Payment,
  StaleCall,
} from './payment.ts';
import type { CaptureAnswer } from './provider.ts';

type Command = DataOf<typeof CapturePayment>;

/** Whether the provider must be called. */
export const mustCapture = (payment: Payment | undefined, command: Command): boolean =>
  payment?.status === 'authorized' && obstacle(payment, command) === null;

/** Captures the payment, which is the pivot of an order. The reply is the same, however often the command is repeated. */
export function capture(
  payment: Payment | undefined,
  command: Command,
  answer: CaptureAnswer | undefined,
  moment: Moment,
): Outcome {
  const { orderId } = command;
  if (payment?.status === 'captured') return { send: [captured(payment)] };
  const refusal = obstacle(payment, command);
  if (payment?.status !== 'authorized' || refusal !== null) {
    return { send: [CaptureRefused({ orderId, detail: refusal ?? '' })] };
  }
  if (!answer) throw new StaleCall(orderId);
  const call = { operationId: captureOf(orderId), kind: 'capture', answer } as const;
  if (answer.status === 'refused') {
    const detail = answer.reason ?? 'refused';
    const refused: Payment = {
      ...payment,
      status: 'capture_refused',
      detail,
      updatedAt: moment.at,
    };
    return { payment: refused, call, send: [CaptureRefused({ orderId, detail })] };
  }
  const { amount } = command.amount;
  const taken: Payment = { ...payment, status: 'captured', captured: amount, updatedAt: moment.at };
  return {
    payment: taken,
    entries: take(payment, amount, moment.at),
    call,
    send: [captured(taken)],
  };
}

/** Why the capture is refused without calling the provider, or null. */
function obstacle(payment: Payment | undefined, { orderId, amount }: Command): string | null {
  if (!payment) return `order ${orderId} has no payment`;
  if (payment.status === 'capture_refused') return payment.detail;
  if (payment.status !== 'authorized') return `the payment is ${payment.status}`;
  if (amount.currency !== payment.currency) return `the payment is in ${payment.currency}`;
  if (amount.amount <= 0) return 'the amount must be more than 0';
  return amount.amount > payment.authorized ? 'more than was authorized' : null;
}

function take(payment: Payment, amount: number, at: string): readonly LedgerEntry[] {
  const { orderId } = payment;
  const of = { orderId, currency: currencyOf(payment), at };
  return [
    ...transfer('capture', { ...of, operationId: captureOf(orderId), amount }),
    ...transfer('release', {
      ...of,
      operationId: authorization(orderId),
      amount: payment.authorized - amount,
    }),
  ];
}

const captured = (payment: Payment) =>
  PaymentCaptured({
    orderId: payment.orderId,
    paymentId: payment.paymentId,
    amount: moneyOf(payment, payment.captured),
  });
