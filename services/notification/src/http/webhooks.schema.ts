import { enteredLine, instant } from '@waybill/contracts';
import { paging, revealing } from '@waybill/http';
import { z } from 'zod';
import { webhookEvents, webhookSchemes } from '../domain/webhook.ts';

export const webhookId = z.uuid().toLowerCase();
export const webhookDeliveryId = z.uuid().toLowerCase();

/** Longer ones are no address of an endpoint. */
const url = z.url({ protocol: /^https?$/ }).max(2_000);
const events = z
  .array(z.enum(webhookEvents))
  .min(1)
  .max(webhookEvents.length)
  .refine((all) => new Set(all).size === all.length, 'names an event twice');
const description = enteredLine(0, 200);

/** The body of POST /webhooks. */
export const createWebhook = z
  .strictObject({
    url: url.meta({ description: 'https, at a public address, on port 443 or 8443' }),
    events,
    description: description.default(''),
    scheme: z.enum(webhookSchemes).default('standard').meta({
      description:
        '`standard`: the headers of Standard Webhooks. `legacy`: `x-webhook-signature: sha256=` and the HMAC of `timestamp.body`',
    }),
  })
  .meta({ id: 'CreateWebhook' });
export type CreateWebhook = z.output<typeof createWebhook>;

/** The body of PATCH /webhooks/{id}: what is left out stays. */
export const changeWebhook = z
  .strictObject({
    enabled: z.boolean(),
    url,
    events,
    description,
  })
  .partial()
  .refine((change) => Object.keys(change).length > 0, 'changes nothing')
  .meta({ id: 'ChangeWebhook' });
export type ChangeWebhook = z.output<typeof changeWebhook>;

export const webhooksQuery = z.strictObject({ ...paging, ...revealing });
export type WebhooksQuery = z.output<typeof webhooksQuery>;
export const webhookQuery = z.strictObject(revealing);
export type WebhookQuery = z.output<typeof webhookQuery>;
export const deliveriesQuery = z.strictObject(paging);
export type DeliveriesQuery = z.output<typeof deliveriesQuery>;

const webhook = {
  id: z.uuid(),
  customerId: z.string().nullable().meta({ description: 'null: of the operators' }),
  url: z.string(),
  events: z.array(z.enum(webhookEvents)),
  description: z.string(),
  scheme: z.enum(webhookSchemes),
  enabled: z.boolean(),
  disabledReason: z.enum(['owner', 'gone', 'failing']).nullable(),
  failingSince: instant.nullable(),
  createdAt: instant,
  updatedAt: instant,
};

export const webhookAnswer = z.strictObject(webhook).meta({ id: 'Webhook' });
export type WebhookView = z.output<typeof webhookAnswer>;

export const webhookPageAnswer = z
  .strictObject({ items: z.array(webhookAnswer), nextCursor: z.string().nullable() })
  .meta({ id: 'WebhookPage' });

const secret = z.string().meta({ description: 'Shown only here' });

export const createdWebhookAnswer = z
  .strictObject({ ...webhook, secret })
  .meta({ id: 'CreatedWebhook' });
export type CreatedWebhook = z.output<typeof createdWebhookAnswer>;

export const rotatedWebhookAnswer = z
  .strictObject({
    id: z.uuid(),
    secret,
    previousSecretUntil: instant.meta({ description: 'Until then both secrets sign' }),
  })
  .meta({ id: 'RotatedWebhook' });
export type RotatedWebhook = z.output<typeof rotatedWebhookAnswer>;

const delivery = {
  id: z.uuid().meta({ description: 'Also the `webhook-id` of every try' }),
  type: z.string(),
  status: z.enum(['pending', 'delivered', 'failed']),
  createdAt: instant,
  nextAttemptAt: instant.nullable(),
};

export const webhookDeliveryAnswer = z.strictObject(delivery).meta({ id: 'WebhookDelivery' });
export type WebhookDeliveryView = z.output<typeof webhookDeliveryAnswer>;

export const webhookDeliveryPageAnswer = z
  .strictObject({ items: z.array(webhookDeliveryAnswer), nextCursor: z.string().nullable() })
  .meta({ id: 'WebhookDeliveryPage' });

const response = {
  status: z.int().nullable().meta({ description: 'null: there was no answer' }),
  failure: z.string().nullable().meta({ description: 'Why there was no answer' }),
  durationMs: z.int(),
  bytes: z.int().meta({ description: 'How much of the body was read; it is not kept' }),
};

export const webhookDeliveryDetailAnswer = z
  .strictObject({
    ...delivery,
    request: z.strictObject({
      url: z.string(),
      headers: z.record(z.string(), z.string()).meta({ description: 'Without the signature' }),
      body: z.string(),
    }),
    response: z.strictObject(response).nullable().meta({ description: 'Of the latest try' }),
    attempts: z.array(z.strictObject({ at: instant, ...response })),
  })
  .meta({ id: 'WebhookDeliveryDetail' });
export type WebhookDeliveryDetail = z.output<typeof webhookDeliveryDetailAnswer>;
