import { givenOrderId, locale, orderId } from '@waybill/contracts';
import { paging, revealing } from '@waybill/http';
import { z } from 'zod';
import { deliveryStatuses } from '../domain/delivery.ts';
import { templates } from '../domain/email.ts';

export const notificationQuery = z.strictObject({
  ...paging,
  ...revealing,
  orderId: givenOrderId.optional(),
  status: z.enum(deliveryStatuses).optional(),
});
export type NotificationQuery = z.output<typeof notificationQuery>;

/** The id of a notification as a caller writes it. */
export const notificationId = z
  .string()
  .max(150)
  .regex(/^[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+){0,2}$/, 'is the id of a notification');

const count = z.int().min(0);

/** What is in a work queue of the service. */
export const queueView = z
  .object({
    name: z.string(),
    ready: count.meta({ description: 'Jobs that a worker may take now' }),
    later: count.meta({ description: 'Jobs that are due later' }),
    leased: count.meta({ description: 'Jobs that a worker has in hand' }),
    next: z.array(z.string()).max(10).meta({ description: 'The ids of the next jobs, which stay' }),
  })
  .meta({ id: 'WorkQueue' });
export type QueueView = z.output<typeof queueView>;

export const queueName = z.string().min(1).max(40);

export const templateName = z.string().min(1).max(40);

export const previewQuery = z.strictObject({ locale: locale.default('en') });
export type PreviewQuery = z.output<typeof previewQuery>;

const email = { subject: z.string(), text: z.string(), html: z.string() };

export const deliveryView = z
  .object({
    id: z.string(),
    orderId: orderId.nullable(),
    channel: z.literal('email'),
    template: z.enum(templates),
    recipient: z.string(),
    status: z.enum(deliveryStatuses),
    error: z.string().nullable().meta({ description: 'Why the e-mail was not sent' }),
    ...email,
    at: z.iso.datetime(),
    sentAt: z.iso.datetime().nullable(),
    readAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Delivery' });
export type DeliveryView = z.output<typeof deliveryView>;

export const deliveryPage = z.object({
  items: z.array(deliveryView),
  nextCursor: z.string().nullable(),
});

export const previewAnswer = z
  .object({ template: z.enum(templates), locale, ...email })
  .meta({ id: 'TemplatePreview' });
export type TemplatePreview = z.output<typeof previewAnswer>;
