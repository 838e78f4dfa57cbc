import { webhookSecretForm } from '@waybill/webhooks';
import { z } from 'zod';
import { eventTypes } from './webhooks.ts';

/** With which a double of Stripe is called, and calls, unless the settings say otherwise. */
export const stripeDevelopment = {
  secretKey: 'sk_test_waybill_development',
  webhookSecret: 'whsec_waybill_development',
};

/** The settings of the provider's process. */
export const paymentProviderSettings = z.object({
  /** Whose API it speaks. */
  PAYMENT_PROVIDER: z.enum(['sandbox', 'stripe']).default('sandbox'),
  STRIPE_SECRET_KEY: z.string().min(16).default(stripeDevelopment.secretKey),
  STRIPE_WEBHOOK_SECRET: z.string().min(16).default(stripeDevelopment.webhookSecret),
  PAYMENT_PROVIDER_PORT: z.coerce.number().int().min(0).max(65_535).default(8091),
  PAYMENT_PROVIDER_HOST: z.string().min(1).default('127.0.0.1'),
  PAYMENT_PROVIDER_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  PAYMENT_PROVIDER_DATA_FILE: z.string().min(1).default('.waybill/payment-provider.ledger'),
  PAYMENT_PROVIDER_API_KEY: z.string().min(16).default('payment-development-key'),
  PAYMENT_WEBHOOK_URL: z.url().optional(),
  PAYMENT_WEBHOOK_SECRET: z
    .string()
    .regex(webhookSecretForm, 'is whsec_ and the base64 of 24 to 64 bytes')
    .default('whsec_cGF5bWVudC1kZXZlbG9wbWVudC1zZWNyZXQh'),
  PAYMENT_WEBHOOK_EVENTS: z
    .string()
    .default('charge.authorized,charge.declined,charge.refunded,charge.disputed')
    .transform((list) => list.split(','))
    .pipe(z.array(z.enum(eventTypes)).min(1)),
});

/** Reads the settings of the provider's process from its environment; throws with the name of every invalid setting. */
export function paymentProviderConfig(env: NodeJS.ProcessEnv = process.env) {
  const parsed = paymentProviderSettings.safeParse(env);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const found = parsed.data;
  const url = found.PAYMENT_WEBHOOK_URL;
  return {
    port: found.PAYMENT_PROVIDER_PORT,
    host: found.PAYMENT_PROVIDER_HOST,
    publicUrl: found.PAYMENT_PROVIDER_PUBLIC_URL?.replace(/\/+$/, ''),
    // Each API has books of its own form.
    dataFile: `${found.PAYMENT_PROVIDER_DATA_FILE}${found.PAYMENT_PROVIDER === 'stripe' ? '.stripe' : ''}`,
    apiKey: found.PAYMENT_PROVIDER_API_KEY,
    speaks: found.PAYMENT_PROVIDER,
    secretKey: found.STRIPE_SECRET_KEY,
    ...(url && {
      webhooks: {
        url,
        secret:
          found.PAYMENT_PROVIDER === 'stripe'
            ? found.STRIPE_WEBHOOK_SECRET
            : found.PAYMENT_WEBHOOK_SECRET,
        events: found.PAYMENT_WEBHOOK_EVENTS,
      },
    }),
  };
}
