import { givenOrderId, orderId } from '@waybill/contracts';
import { paging, revealing } from '@waybill/http';
import { z } from 'zod';
import { templates } from '../domain/email.ts';

export const notificationQuery = z.strictObject({
  ...paging,
  ...revealing,
  orderId: givenOrderId.optional(),
});
export type NotificationQuery = z.output<typeof notificationQuery>;

export const deliveryView = z
  .object({
    id: z.string(),
    orderId,
    channel: z.literal('email'),
    template: z.enum(templates),
    recipient: z.string(),
    status: z.enum(['logged', 'suppressed']),
    subject: z.string(),
    text: z.string(),
    html: z.string(),
    at: z.iso.datetime(),
  })
  .meta({ id: 'Delivery' });

export const deliveryPage = z.object({
  items: z.array(deliveryView),
  nextCursor: z.string().nullable(),
});
