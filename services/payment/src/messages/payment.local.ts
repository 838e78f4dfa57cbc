import { local, maxAmount, orderId, text } from '@waybill/contracts';
import { z } from 'zod';
import { providerEventTypes } from '../domain/provider-event.ts';

/** An event that a provider sent by webhook. */
export const TakeProviderEvent = local('payment.take-provider-event', {
  summary: 'Record an unsolicited report of a payment provider.',
  schema: z.strictObject({
    eventId: text(1, 200),
    type: z.enum(providerEventTypes),
    orderId,
    operationId: text(1, 300),
    chargeId: text(1, 200),
    amount: z.int().min(0).max(maxAmount),
    currency: z.string().regex(/^[A-Z]{3}$/),
    at: z.iso.datetime(),
  }),
  key: (data) => data.orderId,
});

/** A customer has not confirmed a payment yet: is there news at the provider, or is the time up? */
export const SettleChallenge = local('payment.settle-challenge', {
  summary: 'Ask the provider about a payment that its customer must confirm.',
  schema: z.strictObject({ orderId }),
  key: (data) => data.orderId,
});
