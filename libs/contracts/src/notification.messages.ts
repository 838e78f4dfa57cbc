import { instant, live, task, text } from '@waybill/message';
import { z } from 'zod';
import { digest, emailTemplate, orderId } from './values.ts';

/** A notification waits for the digest of its customer. */
export const NotificationCollected = task('notification.collected', {
  summary: 'A notification waits for the digest of its customer.',
  schema: z.strictObject({
    deliveryId: text(1, 150),
    customerId: text(1, 100),
    digest: digest.exclude(['none']),
    at: instant,
  }),
  key: ({ customerId }) => customerId,
});

/** There is a notification for a customer; for live views. */
export const NotificationCreated = live('notification.created', {
  summary: 'There is a notification for a customer.',
  // A browser that connects later reads it from the list.
  ttl: 60_000,
  schema: z.strictObject({
    id: text(1, 150),
    customerId: text(1, 100),
    /** Null if it is not about an order. */
    orderId: orderId.nullable(),
    template: emailTemplate,
    /** In the language of the customer, without personal data. */
    title: text(1, 300),
    at: instant,
  }),
  key: ({ customerId }) => customerId,
});
