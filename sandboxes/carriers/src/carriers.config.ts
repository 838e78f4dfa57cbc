import process from 'node:process';
import { webhookSecretForm } from '@waybill/webhooks';
import { z } from 'zod';

/** The settings of the carriers' process. */
export const carriersSettings = z.object({
  CARRIERS_PORT: z.coerce.number().int().min(0).max(65_535).default(8092),
  CARRIERS_HOST: z.string().min(1).default('127.0.0.1'),
  CARRIERS_DATA_FILE: z.string().min(1).default('.waybill/carriers.ledger'),
  CARRIERS_API_KEY: z.string().min(16).default('carriers-development-key'),
  CARRIERS_WEBHOOK_URL: z.url().optional(),
  CARRIERS_WEBHOOK_SECRET: z
    .string()
    .regex(webhookSecretForm, 'is whsec_ and the base64 of 24 to 64 bytes')
    .default('whsec_Y2FycmllcnMtZGV2ZWxvcG1lbnQtc2VjcmV0'),
  SUPPLIER_WEBHOOK_URL: z.url().optional(),
  /** Milliseconds between an order at the supplier and its delivery. */
  SUPPLIER_DELIVERS_AFTER: z.coerce.number().int().min(0).max(86_400_000).default(1_000),
  SHOP_CURRENCY: z.string().length(3).default('EUR'),
});

/** Reads the settings of the carriers' process from its environment. The error names every invalid setting. */
export function carriersConfig(env: NodeJS.ProcessEnv = process.env) {
  const found = carriersSettings.parse(env);
  const { CARRIERS_WEBHOOK_URL: url, SUPPLIER_WEBHOOK_URL: supplierUrl } = found;
  const secret = found.CARRIERS_WEBHOOK_SECRET;
  return {
    port: found.CARRIERS_PORT,
    host: found.CARRIERS_HOST,
    dataFile: found.CARRIERS_DATA_FILE,
    apiKey: found.CARRIERS_API_KEY,
    currency: found.SHOP_CURRENCY,
    deliversAfter: found.SUPPLIER_DELIVERS_AFTER,
    ...(url ? { webhook: { url, secret } } : {}),
    ...(supplierUrl ? { supplierWebhook: { url: supplierUrl, secret } } : {}),
  };
}
