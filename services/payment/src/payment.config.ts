import { secret, timeSpan } from '@waybill/service';
import { webhookSecretForm } from '@waybill/webhooks';
import { z } from 'zod';

/** The settings of payment, besides those of every service. */
export const paymentConfig = z
  .object({
    SHOP_CURRENCY: z
      .string()
      .regex(/^[A-Z]{3}$/, 'is an ISO 4217 currency code of three capital letters')
      .default('EUR'),
    PAYMENT_PROVIDER_URL: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:8091'),
    PAYMENT_PROVIDER_API_KEY: secret('payment-development-key'),
    PAYMENT_PROVIDER_CALLS: z.coerce.number().int().min(1).max(1_000).default(128),
    PAYMENT_GIVE_UP_AFTER: timeSpan.prefault('20s'),
    /** How long a customer may take to confirm a payment. */
    PAYMENT_ACTION_WITHIN: timeSpan.prefault('15m'),
    /** How often the provider is asked about payments that customers have not confirmed yet. */
    PAYMENT_ACTION_QUERY_EVERY: timeSpan.prefault('5s'),
    /** How long calls of the provider and its events are kept; payments, refunds and the ledger are kept for good. */
    PROVIDER_CALL_RETENTION: timeSpan.prefault('400d'),
    PROVIDER_EVENT_RETENTION: timeSpan.prefault('90d'),
    /** Several, separated by commas, while a secret is being rotated. */
    PAYMENT_WEBHOOK_SECRET: secret('whsec_cGF5bWVudC1kZXZlbG9wbWVudC1zZWNyZXQh'),
  })
  .superRefine((env, context) => {
    if (env.PAYMENT_WEBHOOK_SECRET.split(',').every((each) => webhookSecretForm.test(each))) return;
    context.addIssue({
      code: 'custom',
      path: ['PAYMENT_WEBHOOK_SECRET'],
      message: 'is whsec_ and the base64 of 24 to 64 bytes, or several with commas between',
    });
  })
  .transform((env) => ({
    shopCurrency: env.SHOP_CURRENCY,
    provider: {
      url: env.PAYMENT_PROVIDER_URL,
      apiKey: env.PAYMENT_PROVIDER_API_KEY,
      calls: env.PAYMENT_PROVIDER_CALLS,
    },
    giveUpAfter: env.PAYMENT_GIVE_UP_AFTER,
    actionWithin: env.PAYMENT_ACTION_WITHIN,
    actionQueryEvery: env.PAYMENT_ACTION_QUERY_EVERY,
    callRetention: env.PROVIDER_CALL_RETENTION,
    eventRetention: env.PROVIDER_EVENT_RETENTION,
    webhookSecrets: env.PAYMENT_WEBHOOK_SECRET.split(','),
  }));
export type PaymentConfig = z.output<typeof paymentConfig>;
