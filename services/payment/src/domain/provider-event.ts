import { capture, refund } from './operation.ts';
import type { Moment, Outcome, Payment } from './payment.ts';
import { type FlagKind, type PaymentFlag, raise } from './payment-flag.ts';

/** The customer has confirmed a payment, or has refused to. */
export const challengeEventTypes = ['charge.authorized', 'charge.declined'] as const;

export const providerEventTypes = [
  ...challengeEventTypes,
  'charge.voided',
  'charge.captured',
  'charge.refunded',
  'charge.disputed',
] as const;

/** An event that a provider sends by webhook. Calls to the provider change the state; events reveal what calls do not explain. */
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

/**
 * The id of the flag that an event may raise. It includes the whole event: if a provider uses one event id twice, both
 * events are kept.
 */
export const flagIdOf = (event: ProviderEvent): string => {
  const { orderId, eventId, type, operationId, amount, currency } = event;
  return [orderId, eventId, type, operationId, amount, currency].join('/');
};

/**
 * Flags an event that an operator should look at: a dispute, or money that moved without a request. `flagged` is the
 * existing flag of this event, if any.
 */
export function takeProviderEvent(
  payment: Payment | undefined,
  flagged: PaymentFlag | undefined,
  event: ProviderEvent,
  moment: Moment,
): Outcome {
  const flag = flagOf(event);
  if (flagged || !flag) return { send: [] };
  const { orderId, eventId, type, amount, currency, operationId, at: occurredAt } = event;
  const detail = `${type} of ${amount} ${currency} (${operationId})`;
  const raised = { flag, orderId, eventId, detail, occurredAt, at: moment.at };
  return raise({ id: flagIdOf(event), ...raised }, payment?.paymentId ?? moment.paymentId);
}

/** An event may arrive before the response of the call that caused it, so the state of the payment proves nothing here. */
function flagOf({ type, orderId, operationId }: ProviderEvent): FlagKind | null {
  if (type === 'charge.disputed') return 'dispute';
  if (type === 'charge.voided' || isChallengeEvent(type)) return null;
  const ours =
    type === 'charge.captured'
      ? operationId === capture(orderId)
      : operationId.startsWith(refund(orderId, ''));
  return ours ? null : 'unknown_charge';
}

/** Whether an event tells that a customer has decided; payment asks the provider what. */
export const isChallengeEvent = (type: ProviderEvent['type']): boolean =>
  (challengeEventTypes as readonly string[]).includes(type);
