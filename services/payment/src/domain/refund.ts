import {
  type DataOf,
  PaymentRefunded,
  type RefundPayment,
  RefundRefused,
} from '@waybill/contracts';
import { refundableCredit, refundCredit } from './credit-reservation.ts';
import { transfer } from './ledger.ts';
import { refund as refundOf } from './operation.ts';
import { type Moment, type Outcome, type PaidWith, type Refund, StaleCall } from './payment.ts';
import type { RefundAnswer } from './provider.ts';

type Command = DataOf<typeof RefundPayment>;

/** Whether the provider must be called. */
export const mustRefund = (paid: PaidWith, before: Refund | undefined, command: Command): boolean =>
  before?.status !== 'refunded' &&
  obstacle(paid, command) === null &&
  partsOf(paid, command).card > 0;

/** How much of a refund goes to the card, which comes first, and how much back to the store credit. */
export function partsOf({ card }: PaidWith, { amount: { amount } }: Command) {
  const part = card?.status === 'captured' ? Math.min(amount, card.captured - card.refunded) : 0;
  return { card: part, credit: amount - part };
}

/** The attempt that a command makes: a provider repeats its refusal under the same operation, so each attempt has its own. */
export const attemptAfter = (before: Refund | undefined): number => (before?.attempts ?? 0) + 1;

/**
 * Refunds captured money, each refund once. Once it has succeeded, the reply is the same, however often the command is repeated; after
 * a refusal, a repeated command tries again.
 */
export function refund(
  paid: PaidWith,
  before: Refund | undefined,
  command: Command,
  answer: RefundAnswer | undefined,
  moment: Moment,
): Outcome {
  if (before?.status === 'refunded') return { send: [standing(paid, before)] };
  const refusal = obstacle(paid, command);
  if (refusal !== null) return refuse(command, refusal);
  const { orderId, refundId } = command;
  const { amount, currency } = command.amount;
  const parts = partsOf(paid, command);
  const made: Refund = {
    operationId: refundOf(orderId, refundId),
    orderId,
    refundId,
    status: answer?.status ?? 'refunded',
    amount,
    credit: parts.credit,
    currency,
    detail: answer?.reason ?? '',
    attempts: attemptAfter(before),
    at: moment.at,
  };
  const send = [standing(paid, made)];
  // Goods that cost nothing came back.
  if (amount === 0) return { send };
  const card = parts.card > 0 ? refundCard(paid, made, parts.card, answer) : {};
  if (made.status === 'refused') return { ...card, refund: made, send };
  const credit = refundCredit(paid.credit, parts.credit, made.operationId, moment.at);
  const entries = [...(card.entries ?? []), ...(credit.entries ?? [])];
  return { ...card, ...credit, refund: made, entries, send };
}

function refundCard(
  { card }: PaidWith,
  { orderId, refundId, operationId, currency, attempts, at }: Refund,
  amount: number,
  answer: RefundAnswer | undefined,
): Omit<Outcome, 'send'> {
  if (!card || !answer) throw new StaleCall(orderId);
  const attempt = refundOf(orderId, refundId, attempts);
  const call = { operationId: attempt, kind: 'refund', answer } as const;
  if (answer.status === 'refused') return { call };
  return {
    payment: { ...card, refunded: card.refunded + amount, updatedAt: at },
    entries: transfer('refund', { orderId, operationId, amount, currency, at }),
    call,
  };
}

/** Why the refund is refused without calling the provider, or null. */
function obstacle(paid: PaidWith, command: Command): string | null {
  const { card, credit } = paid;
  const { amount, currency } = command.amount;
  const of = card ?? credit.payment;
  if (!of) return `order ${command.orderId} has no payment`;
  if (of.status !== 'captured') return `the payment is ${of.status}`;
  if (currency !== of.currency) return `the payment is in ${of.currency}`;
  if (amount < 0) return 'it must not be negative';
  const isTooMuch = partsOf(paid, command).credit > refundableCredit(credit.payment);
  return isTooMuch ? 'more than was captured' : null;
}

const refuse = ({ orderId, refundId }: Command, detail: string): Outcome => ({
  send: [RefundRefused({ orderId, refundId, detail })],
});

function standing({ card, credit: { payment } }: PaidWith, refund: Refund) {
  const { orderId, refundId, status, amount, credit, currency, detail } = refund;
  if (status === 'refused') return RefundRefused({ orderId, refundId, detail });
  return PaymentRefunded({
    orderId,
    paymentId: card?.paymentId ?? payment?.paymentId ?? '',
    refundId,
    amount: { amount, currency },
    ...(credit > 0 ? { credit: { amount: credit, currency } } : {}),
  });
}
