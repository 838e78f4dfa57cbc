import { logLevels } from '@waybill/observability';
import { z } from 'zod';
import { profileName } from '../brokers/broker-settings.config.ts';
import { flag } from './flag.ts';
import { memoryLimit } from './memory-limit.ts';
import { profiles } from './profiles.ts';
import { outlastsRedelivery, redeliveryVariables } from './redelivery.config.ts';
import { secret } from './secret.ts';
import { timeSpan } from './time-span.ts';

const integer = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const postgresUrl = z
  .string()
  .regex(
    /^postgres(ql)?:\/\/\S+\/\S+$/,
    'is a URL such as postgres://user:password@host:5432/name',
  );

/** How long startup waits for users and databases that may still be created; without it they must exist. */
export const startPatience = timeSpan.optional();

/** How long a process keeps serving after it is asked to stop, so that its callers can move elsewhere first. */
export const drainDelay = timeSpan
  .refine((span) => span <= 60 * 60_000, 'is at most an hour')
  .optional();

const ownKeys = (url: string): string => `${url.replace(/\/$/, '')}/.well-known/jwks.json`;

/** One URL per replica, separated by commas. */
const urlList = z
  .string()
  .transform((list) => list.split(',').map((url) => url.trim()))
  .pipe(z.array(z.url({ protocol: /^https?$/, error: 'is no URL' })).min(1));

/** The settings of every service. */
export const hostConfig = z
  .object({
    /** `production` is a deployed service, as `WAYBILL_DEPLOYED` is. */
    NODE_ENV: z.string().optional(),
    /** Real users can reach it: development secrets, addresses of sandboxes, and addresses without TLS, are refused. */
    WAYBILL_DEPLOYED: flag.optional(),
    /** The database of the service, with user and password. */
    DATABASE_URL: postgresUrl,
    /** The most connections to it. */
    DATABASE_POOL: integer(2, 100).default(8),
    /** The address on which the service listens. */
    HOST: z.string().min(1).default('127.0.0.1'),
    /** The port on which it listens; 0: any free one; default: that of the service. */
    PORT: integer(0, 65_535).optional(),
    /** What is logged at least. */
    LOG_LEVEL: z.enum(logLevels).default('info'),
    /** Which broker carries which kind of message. */
    BROKERS: z.string().min(1).default('embedded'),
    /** A name of this replica that survives its restarts. */
    WAYBILL_INSTANCE: z.string().min(1).optional(),
    /** How long startup waits for users and databases that may still be created; without it they must exist. */
    START_PATIENCE: startPatience,
    /** How long it keeps serving after it is asked to stop, at most an hour; default 0. */
    DRAIN_DELAY: drainDelay,
    /** How long ids of processed messages are kept, in whole days; longer than `LONGEST_REDELIVERY`. */
    INBOX_RETENTION: timeSpan.prefault('30d'),
    ...redeliveryVariables,
    /** How long answers of idempotency keys are kept. */
    IDEMPOTENCY_RETENTION: timeSpan.prefault('7d'),
    /** How long journeys of orders and the logs of their sagas are kept, never longer than the inbox. */
    JOURNEY_RETENTION: timeSpan.prefault('30d'),
    /** How long it is kept what was done with dead letters. */
    DEAD_LETTER_AUDIT_RETENTION: timeSpan.prefault('90d'),
    /** How long it is kept what operators did. */
    AUDIT_RETENTION: timeSpan.prefault('730d'),
    /** How often old rows are deleted. */
    RETENTION_EVERY: timeSpan.prefault('10m'),
    /** How often a dead letter whose error may have passed is redriven by itself; 0: never. The time doubles each time. */
    AUTO_REDRIVES: integer(0, 10).default(3),
    /** When the first of these redrives is. */
    AUTO_REDRIVE_AFTER: timeSpan.prefault('5m').refine((ms) => ms >= 100, 'is 100ms at least'),
    /** Partitions of a new group: the most replicas that can share it. */
    GROUP_PARTITIONS: integer(1, 256).default(4),
    /** What the process is tuned for: latency per message, or messages per second. */
    PROFILE: profileName.default('latency'),
    /** How many unsettled messages a consumer of a group holds: RabbitMQ's prefetch; default by PROFILE, 400 or 1,000. */
    PREFETCH: integer(1, 10_000).optional(),
    /** From which age of the oldest unpublished message on the service is unhealthy. */
    RELAY_LAG_LIMIT_MS: integer(1, 86_400_000).default(30_000),
    /** From how many unpublished messages on the service is unhealthy. */
    RELAY_QUEUE_LIMIT: integer(1, 10_000_000).default(10_000),
    /** From how many deferred messages on the service is unhealthy. */
    DEFERRED_LIMIT: integer(1, 10_000_000).default(1_000),
    /** From how many dead letters on the service is unhealthy. */
    DEAD_LETTER_LIMIT: integer(1, 10_000_000).default(100),
    /** From which delay of the event loop on the service is unhealthy. */
    EVENT_LOOP_LIMIT_MS: integer(1, 60_000).default(500),
    /** From which memory of the process on the service is unhealthy; default: what its container may have, at most 2,048. */
    MEMORY_LIMIT_MB: integer(64, 1_048_576).optional(),
    /** From how many messages that wait for a group at its broker on the service is unhealthy. */
    DEPTH_LIMIT: integer(1, 100_000_000).default(10_000),
    /** From which age of the oldest message that waits for a group on the service is unhealthy. */
    LAG_LIMIT_MS: integer(1, 86_400_000).default(60_000),
    /** From how many failed tries for a hundred messages of the last minute on the service is unhealthy. */
    ERROR_RATE_LIMIT: integer(1, 100).default(20),
    /** From which processing time of messages on the service is degraded. */
    SLOW_MESSAGES_MS: integer(1, 3_600_000).default(5_000),
    /** How often the checks of channels are sampled. */
    HEALTH_SAMPLE_EVERY: timeSpan
      .prefault('5s')
      .refine((ms) => ms >= 1_000 && ms <= 300_000, 'is from a second to five minutes'),
    /** After how many bad samples in a row a check is raised. */
    HEALTH_RAISE_AFTER: integer(1, 100).default(3),
    /** After how many good samples in a row it is cleared. */
    HEALTH_CLEAR_AFTER: integer(1, 100).default(5),
    /** How often the invariants of a service are checked. */
    INVARIANTS_EVERY: timeSpan.prefault('6h').refine((ms) => ms >= 60_000, 'is a minute at least'),
    /** How much of the watched disk must be free. */
    DISK_RESERVE_MB: integer(0, 1_048_576).default(1_024),
    /** The folder whose disk is watched; default: `WAYBILL_DATA`, if that folder exists. */
    DISK_FOLDER: z.string().min(1).optional(),
    /** How many event streams one caller may have open. */
    STREAMS_PER_CALLER: integer(1, 10_000).default(20),
    /** How many event streams all callers together may have open. */
    STREAMS: integer(1, 100_000).default(2_000),
  })
  .superRefine(outlastsRedelivery('INBOX_RETENTION'))
  .transform((env) => ({
    deployed: env.NODE_ENV === 'production' || env.WAYBILL_DEPLOYED === true,
    databaseUrl: env.DATABASE_URL,
    databasePool: env.DATABASE_POOL,
    host: env.HOST,
    port: env.PORT,
    logLevel: env.LOG_LEVEL,
    brokers: env.BROKERS,
    instance: env.WAYBILL_INSTANCE,
    startPatienceMs: env.START_PATIENCE,
    drainDelayMs: env.DRAIN_DELAY ?? 0,
    inboxRetentionMs: env.INBOX_RETENTION,
    retention: {
      answers: env.IDEMPOTENCY_RETENTION,
      journey: env.JOURNEY_RETENTION,
      deadLetterAudit: env.DEAD_LETTER_AUDIT_RETENTION,
      audit: env.AUDIT_RETENTION,
      every: env.RETENTION_EVERY,
    },
    redrives: {
      times: env.AUTO_REDRIVES,
      after: env.AUTO_REDRIVE_AFTER,
      every: Math.min(30_000, env.AUTO_REDRIVE_AFTER),
    },
    groupPartitions: env.GROUP_PARTITIONS,
    profile: {
      ...profiles[env.PROFILE],
      ...(env.PREFETCH === undefined ? {} : { prefetch: env.PREFETCH }),
    },
    diskFolder: env.DISK_FOLDER ?? null,
    streams: { perCaller: env.STREAMS_PER_CALLER, total: env.STREAMS },
    limits: {
      relayLagMs: env.RELAY_LAG_LIMIT_MS,
      relayQueue: env.RELAY_QUEUE_LIMIT,
      deferred: env.DEFERRED_LIMIT,
      deadLetters: env.DEAD_LETTER_LIMIT,
      eventLoopMs: env.EVENT_LOOP_LIMIT_MS,
      memoryMb: env.MEMORY_LIMIT_MB ?? memoryLimit(),
      diskReserveMb: env.DISK_RESERVE_MB,
    },
    channelLimits: {
      depth: env.DEPTH_LIMIT,
      lagMs: env.LAG_LIMIT_MS,
      errorPercent: env.ERROR_RATE_LIMIT,
      slowMs: env.SLOW_MESSAGES_MS,
    },
    invariantsEvery: env.INVARIANTS_EVERY,
    samples: {
      every: env.HEALTH_SAMPLE_EVERY,
      raiseAfter: env.HEALTH_RAISE_AFTER,
      clearAfter: env.HEALTH_CLEAR_AFTER,
    },
  }));
export type HostConfig = z.output<typeof hostConfig>;

/** The issuer of tokens, the folder of the data, and the secret by which services know each other. */
export const accessConfig = z
  .object({
    NODE_ENV: z.string().optional(),
    WAYBILL_DEPLOYED: flag.optional(),
    /** Another issuer of tokens than the customer service. */
    AUTH_ISSUER: z.url().optional(),
    /** Where the public keys of that issuer are. */
    AUTH_JWKS_URL: urlList.optional(),
    /** The customer service, which issues tokens unless another issuer does. */
    CUSTOMER_URL: urlList.prefault('http://127.0.0.1:8087'),
    /** The claim of a token that lists roles. */
    AUTH_ROLES_CLAIM: z.string().min(1).max(200).default('roles'),
    /** For whom tokens must be issued. */
    AUTH_AUDIENCE: z.string().min(1).default('waybill'),
    /** The folder of data that the process itself keeps. */
    WAYBILL_DATA: z.string().min(1).default('.waybill'),
    /** By which services know each other; at least 32 characters. */
    SERVICE_SECRET: secret('waybill-development-service-secret'),
  })
  .superRefine((env, context) => {
    if (env.SERVICE_SECRET.length >= 32) return;
    context.addIssue({
      code: 'custom',
      path: ['SERVICE_SECRET'],
      message: 'has fewer than 32 characters',
    });
  })
  .transform((env) => ({
    issuer: env.AUTH_ISSUER ?? null,
    jwksUrls: env.AUTH_ISSUER ? (env.AUTH_JWKS_URL ?? []) : env.CUSTOMER_URL.map(ownKeys),
    rolesClaim: env.AUTH_ROLES_CLAIM,
    audience: env.AUTH_AUDIENCE,
    dataFolder: env.WAYBILL_DATA,
    serviceSecret: env.SERVICE_SECRET,
  }));
export type AccessConfig = z.output<typeof accessConfig>;
