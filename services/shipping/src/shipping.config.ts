import { addressOrSandbox, secret } from '@waybill/service';
import { webhookSecretForm } from '@waybill/webhooks';
import { z } from 'zod';

const names = z
  .string()
  .regex(/^[a-z][a-z0-9-]*(,[a-z][a-z0-9-]*)*$/, 'is a list of names, such as heron,oxcart')
  .transform((list) => list.split(','));

/** The settings of shipping, besides those of every service. */
export const shippingConfig = z
  .object({
    /** The carriers that are asked for a quote. */
    CARRIERS: names.prefault('heron,swiftlet,oxcart'),
    /** Where the API of the carriers is. */
    CARRIERS_URL: addressOrSandbox('http://127.0.0.1:8092'),
    /** Authenticates shipping to the carriers. */
    CARRIERS_API_KEY: secret('carriers-development-key'),
    /** Signs the webhooks of the carriers. */
    CARRIERS_WEBHOOK_SECRET: secret('whsec_Y2FycmllcnMtZGV2ZWxvcG1lbnQtc2VjcmV0'),
    /** The sender on labels. */
    SHIP_FROM_NAME: z.string().min(1).max(60).default('Waybill Fulfilment'),
    /** Street and number of the sender. */
    SHIP_FROM_LINE: z.string().min(1).max(60).default('Hafenstrasse 12'),
    /** Postal code and city of the sender. */
    SHIP_FROM_CITY: z.string().min(1).max(60).default('20457 Hamburg'),
    /** The country of the sender. */
    SHIP_FROM_COUNTRY: z
      .string()
      .regex(/^[A-Z]{2}$/, 'is an ISO 3166 country code')
      .default('DE'),
  })
  .superRefine((env, context) => {
    for (const each of env.CARRIERS_WEBHOOK_SECRET.split(' ')) {
      if (webhookSecretForm.test(each)) continue;
      const message =
        'is one or two (while it is changed) of whsec_ and base64, with a space between';
      context.addIssue({ code: 'custom', path: ['CARRIERS_WEBHOOK_SECRET'], message });
      return;
    }
  })
  .transform((env) => ({
    carriers: env.CARRIERS,
    carriersUrl: env.CARRIERS_URL,
    carriersApiKey: env.CARRIERS_API_KEY,
    webhookSecrets: env.CARRIERS_WEBHOOK_SECRET.split(' '),
    shipFrom: {
      name: env.SHIP_FROM_NAME,
      line: env.SHIP_FROM_LINE,
      city: env.SHIP_FROM_CITY,
      country: env.SHIP_FROM_COUNTRY,
    },
  }));
export type ShippingConfig = z.output<typeof shippingConfig>;
