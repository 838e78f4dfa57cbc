import { readFileSync } from 'node:fs';
import {
  type Environment,
  flag,
  isDeployed,
  outlastsRedelivery,
  redeliveryVariables,
  redisSettings,
  redisVariables,
  secret,
  timeSpan,
} from '@waybill/service';
import { z } from 'zod';

const deployment = ({
  NODE_ENV,
  WAYBILL_DEPLOYED,
}: {
  readonly NODE_ENV?: string | undefined;
  readonly WAYBILL_DEPLOYED?: string | undefined;
}): Environment => ({
  NODE_ENV,
  WAYBILL_DEPLOYED,
});

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

const slackUrl = z.url({ protocol: /^https?$/ }).max(2_000);

/** The URL is a secret, so no issue repeats it. */
function slackUrlOf(
  {
    ALERT_SLACK_URL: url,
    ALERT_SLACK_URL_FILE: file,
  }: { readonly [name in 'ALERT_SLACK_URL' | 'ALERT_SLACK_URL_FILE']?: string | undefined },
  { addIssue }: Pick<z.RefinementCtx, 'addIssue'>,
): string | null {
  const wrong = (message: string): null => {
    addIssue({ code: 'custom', path: ['ALERT_SLACK_URL_FILE'], message });
    return null;
  };
  if (file === undefined) return url ?? null;
  if (url !== undefined) return wrong('is set together with ALERT_SLACK_URL');
  try {
    const { data } = slackUrl.safeParse(readFileSync(file, 'utf8').trim());
    return data ?? wrong('names a file without a URL');
  } catch (error) {
    return wrong(`names a file that cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** The settings of notification, besides those of every service. */
export const notificationConfig = z
  .object({
    /** How long notifications are kept that wait for nothing any more; resolved alerts and silences too. */
    DELIVERY_RETENTION: timeSpan.prefault('90d'),
    /** The mail server, with user and password if it needs them. Without it e-mails are recorded and not sent. */
    SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
    /** The sender of e-mails. */
    MAIL_FROM: z
      .string()
      .max(320)
      .regex(
        /^([^\r\n<>"]* <)?[^\s<>@,;]+@[^\s<>@,;]+>?$/,
        'is an address such as Shop <orders@example.com>',
      )
      .default('Waybill <orders@waybill.example>'),
    /** How long after the delivery of an order its customer is thanked. */
    THANK_YOU_AFTER: timeSpan.prefault('7d'),
    /** A digest with this many messages is sent before its time. */
    DIGEST_SIZE: z.coerce.number().int().min(1).max(1_000).default(100),
    /** How many connections to Redis the work queues may have. */
    REDIS_POOL: z.coerce.number().int().min(1).max(100).default(4),
    /** Redis, for the work queues. */
    ...redisVariables,
    /** The e-mail address to which alerts go besides the log. */
    ALERT_EMAIL_TO: z.email().max(320).optional(),
    /** The webhook for alerts, which takes the messages of Slack. */
    ALERT_SLACK_URL: secret().pipe(slackUrl).optional(),
    /** A file with that URL, instead, as a mounted secret. */
    ALERT_SLACK_URL_FILE: z.string().min(1).max(4_096).optional(),
    /** Where people open the shop and the console, for the links of alerts. */
    PUBLIC_URL: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .transform(withoutSlash)
      .prefault('http://127.0.0.1:8080'),
    /** The repository where the runbooks are read instead of at PUBLIC_URL, such as https://git.example.com/waybill/blob/main/. */
    ALERT_RUNBOOKS: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .transform((url) => `${withoutSlash(url)}/`)
      .optional(),
    /** How often alerts are raised and resolved. */
    ALERT_EVERY: timeSpan
      .prefault('10s')
      .refine((ms) => ms >= 1_000 && ms <= 300_000, 'is from a second to five minutes'),
    /** An unacknowledged alert is sent again after this time. */
    ALERT_REPEAT: timeSpan.prefault('4h').refine((ms) => ms >= 60_000, 'is a minute at least'),
    /** Where synthetic orders are placed: the public URL of the shop. Without it there are none. */
    SYNTHETIC_ORDER_URL: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .transform(withoutSlash)
      .optional(),
    /** How often one is placed. */
    SYNTHETIC_ORDER_EVERY: timeSpan
      .prefault('1m')
      .refine((ms) => ms >= 30_000 && ms <= 3_600_000, 'is from 30 seconds to an hour'),
    /** Whose orders they are: a customer for nothing else. */
    SYNTHETIC_ORDER_EMAIL: z.email().max(320).optional(),
    /** The password of that customer. */
    SYNTHETIC_ORDER_PASSWORD: secret().optional(),
    /** What is ordered: a product for nothing else. */
    SYNTHETIC_ORDER_SKU: z.string().min(1).max(64).optional(),
    /** By default one that everything is done for and undone again: it is rejected by the capture. */
    SYNTHETIC_ORDER_CARD: z.string().min(1).max(100).default('tok_capture_fails'),
    /** `production` is a deployed service. */
    NODE_ENV: z.string().optional(),
    /** Real users can reach the service. */
    WAYBILL_DEPLOYED: z.string().optional(),
    /** Webhooks may be sent to this machine itself, also without TLS; default: unless the system is deployed, which refuses it. */
    WEBHOOK_LOOPBACK_ALLOWED: flag.optional(),
    /** How many webhooks a customer, and the operators, may have. */
    WEBHOOKS_PER_OWNER: z.coerce.number().int().min(1).max(1_000).default(20),
    /** How long an endpoint may take to answer. */
    WEBHOOK_TIMEOUT: timeSpan.prefault('15s').refine((ms) => ms <= 60_000, 'is a minute at most'),
    /** How long the secret before a rotation signs too. */
    WEBHOOK_ROTATION_OVERLAP: timeSpan.prefault('1d'),
    /** An endpoint that has failed for so long is disabled. */
    WEBHOOK_DISABLE_AFTER: timeSpan.prefault('5d'),
    /** How long deliveries are kept that are not pending any more; longer than `LONGEST_REDELIVERY`, so that no webhook gets an event twice. */
    WEBHOOK_DELIVERY_RETENTION: timeSpan.prefault('30d'),
    ...redeliveryVariables,
  })
  .superRefine((env, context) => {
    if (!(env.WEBHOOK_LOOPBACK_ALLOWED && isDeployed(deployment(env)))) return;
    const message = 'is not possible in a deployed system';
    context.addIssue({ code: 'custom', path: ['WEBHOOK_LOOPBACK_ALLOWED'], message });
  })
  .superRefine(outlastsRedelivery('WEBHOOK_DELIVERY_RETENTION'))
  .superRefine((env, { addIssue }) => {
    if (env.SYNTHETIC_ORDER_URL === undefined) return;
    const needed = [
      'SYNTHETIC_ORDER_EMAIL',
      'SYNTHETIC_ORDER_PASSWORD',
      'SYNTHETIC_ORDER_SKU',
    ] as const;
    const message = 'is needed with SYNTHETIC_ORDER_URL';
    for (const name of needed)
      if (env[name] === undefined) addIssue({ code: 'custom', path: [name], message });
  })
  .transform((env, context) => ({
    deliveryRetention: env.DELIVERY_RETENTION,
    smtpUrl: env.SMTP_URL ?? null,
    mailFrom: env.MAIL_FROM,
    thankYouAfter: env.THANK_YOU_AFTER,
    digestSize: env.DIGEST_SIZE,
    redisPool: env.REDIS_POOL,
    redis: redisSettings(env),
    alerts: {
      email: env.ALERT_EMAIL_TO ?? null,
      slackUrl: slackUrlOf(env, context),
      links: { publicUrl: env.PUBLIC_URL, repository: env.ALERT_RUNBOOKS ?? null },
      every: env.ALERT_EVERY,
      repeatAfter: env.ALERT_REPEAT,
    },
    synthetic: {
      every: env.SYNTHETIC_ORDER_EVERY,
      shop:
        env.SYNTHETIC_ORDER_URL === undefined
          ? null
          : {
              url: env.SYNTHETIC_ORDER_URL,
              email: env.SYNTHETIC_ORDER_EMAIL ?? '',
              password: env.SYNTHETIC_ORDER_PASSWORD ?? '',
              sku: env.SYNTHETIC_ORDER_SKU ?? '',
              card: env.SYNTHETIC_ORDER_CARD,
            },
    },
    webhooks: {
      loopbackAllowed: env.WEBHOOK_LOOPBACK_ALLOWED ?? !isDeployed(deployment(env)),
      perOwner: env.WEBHOOKS_PER_OWNER,
      timeout: env.WEBHOOK_TIMEOUT,
      rotationOverlap: env.WEBHOOK_ROTATION_OVERLAP,
      disableAfter: env.WEBHOOK_DISABLE_AFTER,
      retention: env.WEBHOOK_DELIVERY_RETENTION,
    },
  }));
export type NotificationConfig = z.output<typeof notificationConfig>;
