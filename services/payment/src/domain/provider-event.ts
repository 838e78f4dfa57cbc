import { PaymentFlagged } from '@waybill/contracts';
import { capture, refund } from './operation.ts';
import type { Moment, Outcome, Payment } from './payment.ts';

export const providerEventTypes = [
  'charge.voided',
  'charge.captured',
  'charge.refunded',
  'charge.disputed',
] as const;

/** What a provider tells us unasked. Our own calls move the state; this only finds what they do not explain. */
export interface ProviderEvent {
  readonly eventId: string;
  readonly type: (typeof providerEventTypes)[number];
  readonly orderId: string;
  readonly operationId: string;
  readonly chargeId: string;
  readonly amount: number;
  readonly currency: string;
  readonly at: string;
}

/** Flags what a person should look at: a dispute, or money that moved without our asking. Each event counts once. */
export function takeProviderEvent(
  payment: Payment | undefined,
  before: ProviderEvent | undefined,
  event: ProviderEvent,
  moment: Moment,
): Outcome {
  const flag = flagOf(event);
  if (before || !flag) return { send: [] };
  const detail = `${event.type} of ${event.amount} ${event.currency} (${event.operationId})`;
  return {
    ...(payment && { payment: { ...payment, flag, updatedAt: moment.at } }),
    send: [
      PaymentFlagged({
        orderId: event.orderId,
        paymentId: payment?.paymentId ?? moment.paymentId,
        flag,
        detail: detail.slice(0, 300),
      }),
    ],
  };
}

/** An event may overtake the answer to the call it tells of, so the state of the payment proves nothing here. */
function flagOf({ type, orderId, operationId }: ProviderEvent): Payment['flag'] {
  if (type === 'charge.disputed') return 'dispute';
  if (type === 'charge.voided') return null;
  const ours =
    type === 'charge.captured'
      ? operationId === capture(orderId)
      : operationId.startsWith(refund(orderId, ''));
  return ours ? null : 'unknown_charge';
}
