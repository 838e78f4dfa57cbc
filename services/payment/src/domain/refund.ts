import {
  type DataOf,
  PaymentRefunded,
  type RefundPayment,
  RefundRefused,
} from '@waybill/contracts';
import { transfer } from './ledger.ts';
import { refund as refundOf } from './operation.ts';
import { type Moment, type Outcome, type Payment, type Refund, StaleCall } from './payment.ts';
import type { RefundAnswer } from './provider.ts';

type Command = DataOf<typeof RefundPayment>;

/** Whether the provider must be called. */
export const mustRefund = (
  payment: Payment | undefined,
  before: Refund | undefined,
  command: Command,
): boolean =>
  before?.status !== 'refunded' &&
  command.amount.amount !== 0 &&
  obstacle(payment, command) === null;

/** The attempt that a command makes: a provider repeats its refusal under the same operation, so each attempt has its own. */
export const attemptAfter = (before: Refund | undefined): number => (before?.attempts ?? 0) + 1;

/**
 * Refunds captured money, each refund once. Once it has succeeded, the reply is the same, however often the command is repeated; after
 * a refusal, a repeated command tries again.
 */
export function refund(
  payment: Payment | undefined,
  before: Refund | undefined,
  command: Command,
  answer: RefundAnswer | undefined,
  moment: Moment,
): Outcome {
  if (before?.status === 'refunded' && payment) return { send: [standing(payment, before)] };
  const refusal = obstacle(payment, command);
  if (!payment || refusal !== null) return refuse(command, refusal ?? '');
  const { orderId, refundId } = command;
  // Goods that cost nothing came back.
  if (command.amount.amount === 0) return { send: [refunded(payment, command)] };
  if (!answer) throw new StaleCall(orderId);
  const { amount, currency } = command.amount;
  const operationId = refundOf(orderId, refundId);
  const made: Refund = {
    operationId,
    orderId,
    refundId,
    status: answer.status,
    amount,
    currency,
    detail: answer.reason ?? '',
    attempts: attemptAfter(before),
    at: moment.at,
  };
  const attempt = refundOf(orderId, refundId, made.attempts);
  const call = { operationId: attempt, kind: 'refund', answer } as const;
  const send = [standing(payment, made)];
  if (answer.status === 'refused') return { refund: made, call, send };
  return {
    payment: { ...payment, refunded: payment.refunded + amount, updatedAt: moment.at },
    refund: made,
    entries: transfer('refund', { orderId, operationId, amount, currency, at: moment.at }),
    call,
    send,
  };
}

/** Why the refund is refused without calling the provider, or null. */
function obstacle(payment: Payment | undefined, { orderId, amount }: Command): string | null {
  if (!payment) return `order ${orderId} has no payment`;
  if (payment.status !== 'captured') return `the payment is ${payment.status}`;
  if (amount.currency !== payment.currency) return `the payment is in ${payment.currency}`;
  if (amount.amount < 0) return 'it must not be negative';
  return payment.refunded + amount.amount > payment.captured ? 'more than was captured' : null;
}

const refuse = ({ orderId, refundId }: Command, detail: string): Outcome => ({
  send: [RefundRefused({ orderId, refundId, detail })],
});

function standing(payment: Payment, { refundId, status, amount, currency, detail }: Refund) {
  const { orderId } = payment;
  if (status === 'refused') return RefundRefused({ orderId, refundId, detail });
  return refunded(payment, { refundId, amount: { amount, currency } });
}

const refunded = (
  { orderId, paymentId }: Payment,
  { refundId, amount }: Pick<Command, 'refundId' | 'amount'>,
) => PaymentRefunded({ orderId, paymentId, refundId, amount });
