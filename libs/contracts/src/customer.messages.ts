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
