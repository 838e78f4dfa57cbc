import { addressOrSandbox, type Environment, secret, timeSpan } from '@waybill/service';
import { webhookSecretForm } from '@waybill/webhooks';
import { z } from 'zod';

const developmentKey = 'sk_test_waybill_development';
const ifStripe = (env: Environment) => env['PAYMENT_PROVIDER'] === 'stripe';
/** Whether a system that brings its own payment provider brings a double of Stripe: no key and no address of another is given. */
export const wantsStripeDouble = (env: Environment): boolean =>
  ifStripe(env) && !env['STRIPE_SECRET_KEY'] && !env['STRIPE_URL'];
const unlessStripe = (env: Environment) => !ifStripe(env);

/** The settings of payment, besides those of every service. */
export const paymentConfig = z
  .object({
    /** The currency of the shop. */
    SHOP_CURRENCY: z
      .string()
      .regex(/^[A-Z]{3}$/, 'is an ISO 4217 currency code of three capital letters')
      .default('EUR'),
    /** Which provider takes the payments. */
    PAYMENT_PROVIDER: z.enum(['sandbox', 'stripe']).default('sandbox'),
    /** Where the sandbox is. */
    PAYMENT_PROVIDER_URL: addressOrSandbox('http://127.0.0.1:8091', unlessStripe),
    /** Authenticates payment to the sandbox. */
    PAYMENT_PROVIDER_API_KEY: secret('payment-development-key', unlessStripe),
    /** The most calls of the provider at once. */
    PAYMENT_PROVIDER_CALLS: z.coerce.number().int().min(1).max(1_000).default(128),
    /** How long an authorization may take before it is voided. */
    PAYMENT_GIVE_UP_AFTER: timeSpan.prefault('20s'),
    /** How long a customer may take to confirm a payment. */
    PAYMENT_ACTION_WITHIN: timeSpan.prefault('15m'),
    /** How often the provider is asked about payments that customers have not confirmed yet. */
    PAYMENT_ACTION_QUERY_EVERY: timeSpan.prefault('5s'),
    /** How long calls of the provider are kept; payments, refunds and the ledger are kept for good. */
    PROVIDER_CALL_RETENTION: timeSpan.prefault('400d'),
    /** How long events of the provider are kept. */
    PROVIDER_EVENT_RETENTION: timeSpan.prefault('90d'),
    /** Several, separated by commas, while a secret is being rotated. */
    PAYMENT_WEBHOOK_SECRET: secret('whsec_cGF5bWVudC1kZXZlbG9wbWVudC1zZWNyZXQh', unlessStripe),
    /** Authenticates payment to Stripe. */
    STRIPE_SECRET_KEY: secret(developmentKey, ifStripe),
    /** Several, separated by commas, while a secret is being rotated. */
    STRIPE_WEBHOOK_SECRET: secret('whsec_waybill_development', ifStripe),
    /** Where a double of Stripe's API is; without it, the real one is called. */
    STRIPE_URL: z.url({ protocol: /^https?$/ }).optional(),
    /** The page of the shop to which customers return after confirming a payment at Stripe. */
    STRIPE_RETURN_URL: z.url({ protocol: /^https?$/ }).optional(),
  })
  .superRefine((env, context) => {
    for (const [name, message] of problemsOf(env)) {
      context.addIssue({ code: 'custom', path: [name], message });
    }
  })
  .transform((env) => ({
    shopCurrency: env.SHOP_CURRENCY,
    stripe:
      env.PAYMENT_PROVIDER === 'stripe'
        ? {
            secretKey: env.STRIPE_SECRET_KEY,
            webhookSecrets: env.STRIPE_WEBHOOK_SECRET.split(','),
            url: env.STRIPE_URL ?? null,
            returnUrl: env.STRIPE_RETURN_URL ?? 'http://127.0.0.1:8080/',
            calls: env.PAYMENT_PROVIDER_CALLS,
          }
        : null,
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

interface Secrets {
  readonly PAYMENT_PROVIDER: 'sandbox' | 'stripe';
  readonly PAYMENT_WEBHOOK_SECRET: string;
  readonly STRIPE_SECRET_KEY: string;
  readonly STRIPE_WEBHOOK_SECRET: string;
  readonly STRIPE_URL?: string | undefined;
  readonly STRIPE_RETURN_URL?: string | undefined;
}

/** The names of settings that are wrong, and the rules. */
function problemsOf(env: Secrets): [string, string][] {
  const areAll = (list: string, form: RegExp) => list.split(',').every((each) => form.test(each));
  if (env.PAYMENT_PROVIDER === 'sandbox') {
    if (areAll(env.PAYMENT_WEBHOOK_SECRET, webhookSecretForm)) return [];
    const rule = 'is whsec_ and the base64 of 24 to 64 bytes, or several with commas between';
    return [['PAYMENT_WEBHOOK_SECRET', rule]];
  }
  const isReal = env.STRIPE_URL === undefined;
  const key = env.STRIPE_SECRET_KEY;
  const rules: [boolean, string, string][] = [
    [isReal && key === developmentKey, 'STRIPE_SECRET_KEY', needed],
    [
      !/^[rs]k_(test|live)_\w{8,200}$/.test(key),
      'STRIPE_SECRET_KEY',
      'is sk_test_…, sk_live_… or a restricted key rk_…',
    ],
    [
      !isReal && key.includes('_live_'),
      'STRIPE_URL',
      'names a double, to which no live key is sent',
    ],
    [
      !areAll(env.STRIPE_WEBHOOK_SECRET, /^whsec_\w{8,200}$/),
      'STRIPE_WEBHOOK_SECRET',
      'is whsec_…, or several with commas between',
    ],
    [isReal && env.STRIPE_RETURN_URL === undefined, 'STRIPE_RETURN_URL', needed],
  ];
  return rules.flatMap(([isBroken, name, rule]) => (isBroken ? [[name, rule]] : []));
}

const needed = 'is needed, unless STRIPE_URL names a double';
