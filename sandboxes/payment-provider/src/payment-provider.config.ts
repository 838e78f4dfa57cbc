import { z } from 'zod';

const schema = z
  .object({
    PAYMENT_PROVIDER_PORT: z.coerce.number().int().min(0).max(65_535).default(4010),
    PAYMENT_PROVIDER_HOST: z.string().default('127.0.0.1'),
    PAYMENT_PROVIDER_DATA: z.string().default('.waybill/payment-provider.jsonl'),
    PAYMENT_PROVIDER_KEY: z.string().min(8).default('sandbox-key'),
    PAYMENT_WEBHOOK_URL: z.url().optional(),
    PAYMENT_WEBHOOK_SECRET: z.string().startsWith('whsec_').optional(),
  })
  .refine((env) => !env.PAYMENT_WEBHOOK_URL || env.PAYMENT_WEBHOOK_SECRET, {
    path: ['PAYMENT_WEBHOOK_SECRET'],
    message: 'is needed with PAYMENT_WEBHOOK_URL',
  })
  .transform((env) => ({
    port: env.PAYMENT_PROVIDER_PORT,
    host: env.PAYMENT_PROVIDER_HOST,
    dataFile: env.PAYMENT_PROVIDER_DATA,
    apiKey: env.PAYMENT_PROVIDER_KEY,
    webhooks:
      env.PAYMENT_WEBHOOK_URL && env.PAYMENT_WEBHOOK_SECRET
        ? { url: env.PAYMENT_WEBHOOK_URL, secret: env.PAYMENT_WEBHOOK_SECRET }
        : undefined,
  }));

/** The settings of the provider's process; throws naming every wrong one. */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): z.output<typeof schema> {
  const parsed = schema.safeParse(env);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  return parsed.data;
}
