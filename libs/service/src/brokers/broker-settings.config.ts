import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Environment } from '../config/environment.ts';
import { timeSpan } from '../config/time-span.ts';

const flag = z
  .enum(['true', 'false', '1', '0'])
  .transform((text) => text === 'true' || text === '1');
/** A file of CA certificates. */
const authorities = z.string().superRefine((path, context) => {
  const message = wrongWithAuthorities(path);
  if (message) context.addIssue({ code: 'custom', message });
});
const word = z.string().min(1);
const url = (form: RegExp, example: string) =>
  z.string().regex(form, `is no URL such as ${example}`);

/** A whole number within bounds; the adapter has the default. */
const count = (least: number, most: number) =>
  z.coerce
    .number('is not a number')
    .int('is not a whole number')
    .min(least, `is less than ${least}`)
    .max(most, `is more than ${most}`)
    .optional();

const kafka = z
  .object({
    /** The servers to begin with. */
    KAFKA_BROKERS: z
      .string()
      .regex(/^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$/, 'is not a list such as host:9092,other:9092'),
    /** Who connects, by SASL; needs the password. */
    KAFKA_USERNAME: word.optional(),
    /** The password of that user. */
    KAFKA_PASSWORD: word.optional(),
    /** How the password is proven; default: plain. */
    KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
    /** Whether connections are encrypted. */
    KAFKA_TLS: flag.optional(),
    /** A PEM file of the authorities to trust instead of those of Node; turns TLS on. */
    KAFKA_CA_FILE: authorities.optional(),
    /** Requests with at least so many characters of records are compressed by gzip. */
    KAFKA_COMPRESS_FROM: z.coerce
      .number('is not a number of characters')
      .int('is not a whole number')
      .min(0, 'is less than 0')
      .max(10_000_000, 'is more than 10,000,000')
      .optional(),
    /** Milliseconds without a heartbeat after which the partitions of a replica move; default 6,000. */
    KAFKA_SESSION_MS: count(6_000, 300_000),
    /** Milliseconds between heartbeats; default 500. */
    KAFKA_HEARTBEAT_MS: count(100, 2_000),
    /** Milliseconds until a request without a response has failed; default 5,000. */
    KAFKA_REQUEST_MS: count(500, 60_000),
    /** Milliseconds that an empty fetch waits at the server; default by PROFILE, 250 or 500. */
    KAFKA_FETCH_WAIT_MS: count(10, 500),
    /** Milliseconds between commits of offsets, which follow the commits of their messages; default 500. */
    KAFKA_COMMIT_MS: count(10, 10_000),
    /** How many requests with records may be in flight at once, each for other partitions; default 1. */
    KAFKA_IN_FLIGHT: count(1, 5),
    /** Whether Kafka drops what is sent twice because a response was lost; default: no, the inbox drops it. */
    KAFKA_IDEMPOTENCE: flag.optional(),
  })
  .superRefine((env, context) => {
    const together = ['KAFKA_USERNAME', 'KAFKA_PASSWORD'] as const;
    const missing = together.filter((name) => env[name] === undefined);
    if (missing.length !== 1) return;
    context.addIssue({
      code: 'custom',
      path: missing.slice(0, 1),
      message: 'is needed with the other',
    });
  });

const rabbitmq = z.object({
  /** Where RabbitMQ is, with user, password and virtual host; `?heartbeat=` sets the seconds between heartbeats, default 5. */
  RABBITMQ_URL: url(/^amqps?:\/\/\S+$/, 'amqp://user:password@host:5672/vhost'),
  /** A PEM file of the authorities to trust instead of those of Node. */
  RABBITMQ_CA_FILE: authorities.optional(),
  /** Whether a copy of each dead letter is published to a queue `<queue>.dead`. */
  RABBITMQ_DEAD_LETTER_MIRROR: flag.optional(),
  /** The most messages that are sent and not confirmed; default 1,000. */
  RABBITMQ_WINDOW: count(1, 10_000),
  /** Milliseconds until a missing confirm is an error; default 5,000. */
  RABBITMQ_CONFIRM_MS: count(100, 600_000),
  /** How often a queue that is created redelivers a message before it gives up on it; default 100. */
  RABBITMQ_DELIVERY_LIMIT: count(1, 1_000_000),
});

/** The address of AWS or of an emulator. */
const aws = z.object({
  /** The address of an emulator; without it, AWS itself. */
  AWS_ENDPOINT_URL: url(/^https?:\/\/\S+$/, 'http://127.0.0.1:4566').optional(),
  /** The region of the topics, queues and buckets. */
  AWS_REGION: word,
  /** The access key; default: what the AWS SDK finds. */
  AWS_ACCESS_KEY_ID: word.optional(),
  /** The secret of the access key. */
  AWS_SECRET_ACCESS_KEY: word.optional(),
});

const snsSqs = aws.extend({
  /** Seconds after which a message is redelivered if its consumer died or stalled; default 10. */
  SQS_VISIBILITY_SECONDS: z.coerce
    .number('is not a number of seconds')
    .int('is not a whole number')
    .min(2, 'is less than 2')
    .max(43_200, 'is more than 43,200')
    .optional(),
  /** Seconds that an empty receive waits for a message; default 5. */
  SQS_WAIT_SECONDS: count(1, 20),
  /** How often a message is received before its queue gives up on it; default 50. */
  SQS_MAX_RECEIVES: count(2, 1_000),
  /** Seconds until another consumer takes over the group of a dead one; default 8. */
  SQS_LEASE_SECONDS: count(2, 60),
});

/** Where bodies are stored that exceed the size limit of their broker; S3 uses the same access settings as SNS and SQS. */
export const blobs = aws.partial().extend({
  /** A folder, or `s3://bucket/prefix`, for bodies that are too large for their broker; needed only then. */
  BLOBS: z
    .string()
    .regex(/^(s3:\/\/\S+|(?![a-z0-9+.-]+:\/\/).+)$/i, 'is neither a folder nor s3://bucket/prefix'),
});
export type BlobSettings = z.output<typeof blobs>;

const wholeNumber = (least: number, most: number, usual: number) =>
  z.coerce
    .number('is not a number')
    .int('is not a whole number')
    .min(least, `is less than ${least}`)
    .max(most, `is more than ${most}`)
    .default(usual);

const redis = z.object({
  /** Where Redis is, with user and password. */
  REDIS_URL: url(/^rediss?:\/\/\S+$/, 'redis://user:password@host:6379'),
  /** A PEM file of the authorities to trust instead of those of Node. */
  REDIS_CA_FILE: authorities.optional(),
  /** Milliseconds until a command without a response has failed; default 1,000. */
  REDIS_COMMAND_MS: count(1_000, 60_000),
});

const embedded = z.object({
  /** Mebibytes of events and activity that the embedded broker of `npm start` keeps on disk; the oldest go first. */
  BROKER_LOG_MIB: wholeNumber(8, 256, 64),
  /** Days for which it keeps them, and at most an eighth longer, which is less than `INBOX_RETENTION`. */
  BROKER_LOG_DAYS: wholeNumber(1, 14, 7),
});

const day = 86_400_000;
/** What a group reads again from the log must not be older than what its inbox knows. */
const remembered = embedded
  .extend({ INBOX_RETENTION: timeSpan.prefault('30d').catch(30 * day) })
  .superRefine(({ BROKER_LOG_DAYS: days, INBOX_RETENTION: known }, { addIssue }) => {
    if (days * 1.125 * day < known) return;
    const message = 'is too many: INBOX_RETENTION must be an eighth longer, at least';
    addIssue({ code: 'custom', path: ['BROKER_LOG_DAYS'], message });
  });

const schemas = { kafka, rabbitmq, 'sns-sqs': snsSqs, redis } as const;

/** How much of events and activity an embedded broker keeps on disk. */
export interface LogBounds {
  readonly mostBytes: number;
  readonly mostAgeMs: number;
}

/** A broker that runs as a server, and therefore has an address. */
export type ServerName = keyof typeof schemas;
export type SettingsOf<N extends ServerName> = z.output<(typeof schemas)[N]>;
export const serverNames = Object.keys(schemas) as readonly ServerName[];

/** What a process is tuned for where one costs the other: latency per message, or messages per second. */
export const profileName = z.enum(['latency', 'throughput'], {
  error: 'is neither latency nor throughput',
});
export type ProfileName = z.output<typeof profileName>;

/** The first part of names at brokers. */
export const namespace = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'is not a word of lower-case letters, digits and dashes');

/** Settings of the process that every broker gets, besides its own. */
const commonSettings = z.object({
  /** Which broker carries which kind of message: embedded, mixed, the name of one, or kind:broker. */
  BROKERS: word.default('embedded'),
  /** The first part of the names of topics, queues and keys; processes of one system have the same. */
  BROKER_NAMESPACE: namespace.optional(),
  /** A name of this replica that survives its restarts. */
  WAYBILL_INSTANCE: word.optional(),
  /** What the process is tuned for: latency per message, or messages per second. */
  PROFILE: profileName.default('latency'),
  /** Whether contracts with a codec are published by it. */
  CODECS: flag.default(true),
  /** Bodies of more bytes are compressed. */
  COMPRESS_ABOVE_BYTES: wholeNumber(1_024, 1_048_576, 4_096),
  /** Bodies of more bytes go through the store that `BLOBS` names. */
  CLAIM_CHECK_ABOVE_BYTES: wholeNumber(4_096, 1_048_576, 65_536),
  /** How long a folder keeps those bodies: longer than a message may wait at its broker. */
  CLAIM_CHECK_DAYS: wholeNumber(1, 3_650, 30),
});

/** The settings of the brokers by title, for the page of all settings. */
export const brokerSchemas: Readonly<Record<string, z.ZodType>> = {
  'All brokers': commonSettings,
  Kafka: kafka,
  RabbitMQ: rabbitmq,
  'SNS and SQS': snsSqs,
  Redis: redis,
  'Embedded broker': embedded,
  'Large bodies': blobs,
};

/** Every variable that selects brokers or configures access to them. */
export const brokerVariables: readonly string[] = [
  ...new Set(
    [commonSettings, blobs, embedded, ...Object.values(schemas)].flatMap(({ shape }) =>
      Object.keys(shape),
    ),
  ),
];

/** The settings of the brokers are invalid: the message has one line per setting, and shows no values. */
export class InvalidBrokerSettings extends Error {
  readonly code = 'invalid_broker_settings';
  readonly retriable = false;
  constructor(
    brokers: string,
    readonly problems: readonly string[],
  ) {
    super(`BROKERS=${brokers}: ${problems.join('; ')}`);
    this.name = 'InvalidBrokerSettings';
  }
}

/** Reads one broker's settings; throws `InvalidBrokerSettings` with all problems at once. An empty variable counts as absent. */
export const readServerSettings = <N extends ServerName>(
  env: Environment,
  name: N,
): SettingsOf<N> => read(env, schemas[name] as unknown as z.ZodType<SettingsOf<N>>);

/** Reads the settings that every broker gets; throws `InvalidBrokerSettings`. */
export const readCommonSettings = (env: Environment): z.output<typeof commonSettings> =>
  read(env, commonSettings);

/** How much the embedded broker keeps on disk; throws `InvalidBrokerSettings`. */
export function readLogBounds(env: Environment): LogBounds {
  const { BROKER_LOG_MIB, BROKER_LOG_DAYS } = read(env, remembered);
  return { mostBytes: BROKER_LOG_MIB * 1_048_576, mostAgeMs: BROKER_LOG_DAYS * day };
}

/** The store for large bodies, or null if none is configured; throws `InvalidBrokerSettings`. */
export const readBlobSettings = (env: Environment): BlobSettings | null =>
  env['BLOBS'] ? read(env, blobs) : null;

function read<T>(env: Environment, schema: z.ZodType<T>): T {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new InvalidBrokerSettings(
    given['BROKERS'] ?? 'embedded',
    parsed.error.issues.map((issue) => told(issue, given)),
  );
}

/** Never includes the value, because addresses contain passwords. */
function told(issue: z.core.$ZodIssue, given: Environment): string {
  const name = String(issue.path[0]);
  return given[name] === undefined ? `${name} is missing` : `${name} ${issue.message}`;
}

function wrongWithAuthorities(path: string): string | undefined {
  try {
    return wrongWithCertificates(readFileSync(path, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT'
      ? 'names a file that does not exist'
      : `names a file that cannot be read (${code})`;
  }
}

/** Node trusts what it can read of them and says nothing of the rest, which would show as a server that is not trusted. */
function wrongWithCertificates(text: string): string | undefined {
  const written = text
    .split(/(?=-----BEGIN )/)
    .filter((part) => /^-----BEGIN [\w ]*CERTIFICATE-----/.test(part));
  if (written.length === 0) return 'names a file without a certificate (PEM)';
  try {
    for (const each of written) new X509Certificate(each);
    return undefined;
  } catch {
    return 'names a file with a certificate that is broken (PEM)';
  }
}
