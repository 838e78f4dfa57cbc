import { event, instant, text } from '@waybill/message';
import { z } from 'zod';
import { locale } from './values.ts';

const customerId = text(1, 100);

/** A customer has signed up. */
export const CustomerRegistered = event('customer.registered', {
  summary: 'A customer signed up.',
  schema: z.strictObject({ customerId, locale, at: instant }),
  key: (data) => data.customerId,
});

/** A customer has signed in: a session has begun. */
export const CustomerSignedIn = event('customer.signed-in', {
  summary: 'A customer signed in.',
  schema: z.strictObject({ customerId, sessionId: z.uuid(), at: instant }),
  key: (data) => data.customerId,
});

/** A session has ended: the customer signed out, or a refresh token that was already used came again. */
export const CustomerSignedOut = event('customer.signed-out', {
  summary: 'A session of a customer ended.',
  schema: z.strictObject({
    customerId,
    sessionId: z.uuid(),
    reason: z.enum(['signed_out', 'reused']),
    at: instant,
  }),
  key: (data) => data.customerId,
});
