import {
  type CapturePayment,
  CaptureRefused,
  type DataOf,
  type Message,
  PaymentCaptured,
} from '@waybill/contracts';
import { spendCredit } from './credit-reservation.ts';
import { type LedgerEntry, transfer } from './ledger.ts';
import { authorization, capture as captureOf } from './operation.ts';
import {
  currencyOf,
  type Moment,
  type Outcome,
  type PaidWith,
  type Payment,
  StaleCall,
} from './payment.ts';
import type { CaptureAnswer } from './provider.ts';

type Command = DataOf<typeof CapturePayment>;

/** The part of a payment that is taken at the provider. */
export const cardPartOf = ({ amount, credit }: Command) => ({
  ...amount,
  amount: amount.amount - (credit?.amount.amount ?? 0),
});

/** Whether the provider must be called. */
export const mustCapture = (paid: PaidWith, command: Command): boolean =>
  paid.card?.status === 'authorized' &&
  cardPartOf(command).amount > 0 &&
  obstacle(paid, command) === null;

/** Captures the payment, which is the pivot of an order. The reply is the same, however often the command is repeated. */
export function capture(
  paid: PaidWith,
  command: Command,
  answer: CaptureAnswer | undefined,
  moment: Moment,
): Outcome {
  const { orderId } = command;
  if (isCaptured(paid)) return { send: [captured(paid, command)] };
  const refusal = obstacle(paid, command);
  if (refusal !== null) return { send: [CaptureRefused({ orderId, detail: refusal })] };
  const card =
    cardPartOf(command).amount > 0 ? captureCard(paid.card, command, answer, moment) : {};
  if (card.refused) return { ...card, send: [card.refused] };
  const credit = command.credit ? spendCredit(paid.credit, captureOf(orderId), moment.at) : {};
  return {
    ...card,
    ...credit,
    entries: [...(card.entries ?? []), ...(credit.entries ?? [])],
    send: [captured(paid, command)],
  };
}

function captureCard(
  payment: Payment | undefined,
  command: Command,
  answer: CaptureAnswer | undefined,
  { at }: Moment,
): Omit<Outcome, 'send'> & { readonly refused?: Message } {
  const { orderId } = command;
  if (!payment || !answer) throw new StaleCall(orderId);
  const call = { operationId: captureOf(orderId), kind: 'capture', answer } as const;
  if (answer.status === 'refused') {
    const detail = answer.reason ?? 'refused';
    const refused: Payment = { ...payment, status: 'capture_refused', detail, updatedAt: at };
    return { payment: refused, call, refused: CaptureRefused({ orderId, detail }) };
  }
  const { amount } = cardPartOf(command);
  const taken: Payment = { ...payment, status: 'captured', captured: amount, updatedAt: at };
  return { payment: taken, entries: take(payment, orderId, amount, at), call };
}

/** Card and credit are captured in one commit. */
const isCaptured = ({ card, credit }: PaidWith): boolean =>
  card ? card.status === 'captured' : credit.payment?.status === 'captured';

/** Why the capture is refused without calling the provider, or null. */
function obstacle({ card, credit }: PaidWith, command: Command): string | null {
  const part = cardPartOf(command).amount;
  if (part < 0 || command.amount.amount <= 0) return 'the amount must be more than 0';
  if (command.credit) {
    const { status, amount } = credit.payment ?? {};
    if (status !== 'reserved') return `the store credit is ${status ?? 'not reserved'}`;
    if (amount !== command.credit.amount.amount) return `${amount} of the store credit is reserved`;
  }
  return part > 0 ? obstacleOfCard(card, command) : null;
}

function obstacleOfCard(payment: Payment | undefined, command: Command): string | null {
  const { orderId, amount } = command;
  if (!payment) return `order ${orderId} has no payment`;
  if (payment.status === 'capture_refused') return payment.detail;
  if (payment.status !== 'authorized') return `the payment is ${payment.status}`;
  if (amount.currency !== payment.currency) return `the payment is in ${payment.currency}`;
  return cardPartOf(command).amount > payment.authorized ? 'more than was authorized' : null;
}

function take(
  payment: Payment,
  orderId: string,
  amount: number,
  at: string,
): readonly LedgerEntry[] {
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

const captured = ({ card, credit }: PaidWith, { orderId, amount }: Command) =>
  PaymentCaptured({
    orderId,
    paymentId: card?.paymentId ?? credit.payment?.paymentId ?? '',
    amount,
  });
