import { readFile } from 'node:fs/promises';
import type { BlobStore, Broker, ServerBrokerOptions } from '@waybill/messaging';
import type {
  BlobSettings,
  ProfileName,
  ServerName,
  SettingsOf,
} from './broker-settings.config.ts';

/** The options of every adapter, besides its address. */
export interface Connecting extends ServerBrokerOptions {
  readonly profile: ProfileName;
}

type Makers = {
  readonly [N in ServerName]: (settings: SettingsOf<N>, connecting: Connecting) => Promise<Broker>;
};

/** Milliseconds that a receiver waits so that one response of the server contains more messages. */
const receiveWaits = {
  latency: { fetchWaitMs: 250, gatherMs: 10 },
  throughput: { fetchWaitMs: 500, gatherMs: 100 },
} as const;

/** Those that are set: an adapter has defaults of its own for the others. */
const given = <N extends string>(
  numbers: Readonly<Record<N, number | undefined>>,
): Partial<Record<N, number>> =>
  Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined)) as Partial<
    Record<N, number>
  >;

/** Each function loads its adapter, with the adapter's libraries, only when it is called. */
export const makers: Makers = {
  kafka: async (settings, { profile, ...connecting }) => {
    const { kafkaBroker } = await import('@waybill/kafka');
    const { KAFKA_BROKERS, KAFKA_USERNAME, KAFKA_PASSWORD, KAFKA_SASL_MECHANISM } = settings;
    const { KAFKA_TLS, KAFKA_CA_FILE, KAFKA_COMPRESS_FROM } = settings;
    return kafkaBroker({
      ...connecting,
      brokers: KAFKA_BROKERS,
      fetchWaitMs: settings.KAFKA_FETCH_WAIT_MS ?? receiveWaits[profile].fetchWaitMs,
      ...given({
        sessionMs: settings.KAFKA_SESSION_MS,
        heartbeatMs: settings.KAFKA_HEARTBEAT_MS,
        requestMs: settings.KAFKA_REQUEST_MS,
        commitMs: settings.KAFKA_COMMIT_MS,
        inFlight: settings.KAFKA_IN_FLIGHT,
      }),
      ...(KAFKA_USERNAME ? { username: KAFKA_USERNAME } : {}),
      ...(KAFKA_PASSWORD ? { password: KAFKA_PASSWORD } : {}),
      ...(KAFKA_SASL_MECHANISM ? { mechanism: KAFKA_SASL_MECHANISM } : {}),
      ...(KAFKA_TLS === undefined ? {} : { tls: KAFKA_TLS }),
      ...(KAFKA_CA_FILE ? { ca: await readFile(KAFKA_CA_FILE, 'utf8') } : {}),
      idempotent: settings.KAFKA_IDEMPOTENCE ?? false,
      ...(KAFKA_COMPRESS_FROM === undefined ? {} : { compressFrom: KAFKA_COMPRESS_FROM }),
    });
  },
  rabbitmq: async (settings, { profile: _, ...connecting }) => {
    const { rabbitmqBroker } = await import('@waybill/rabbitmq');
    return rabbitmqBroker({
      ...connecting,
      url: settings.RABBITMQ_URL,
      ...(settings.RABBITMQ_CA_FILE ? { caFile: settings.RABBITMQ_CA_FILE } : {}),
      mirrorDeadLetters: settings.RABBITMQ_DEAD_LETTER_MIRROR ?? false,
      ...given({
        window: settings.RABBITMQ_WINDOW,
        confirmTimeout: settings.RABBITMQ_CONFIRM_MS,
        deliveryLimit: settings.RABBITMQ_DELIVERY_LIMIT,
      }),
    });
  },
  'sns-sqs': async (settings, { profile, ...connecting }) => {
    const { snsSqsBroker } = await import('@waybill/sns-sqs');
    const { gatherMs } = receiveWaits[profile];
    return snsSqsBroker({
      ...connecting,
      ...awsAt(settings),
      gatherMs,
      ...given({
        visibilitySeconds: settings.SQS_VISIBILITY_SECONDS,
        waitSeconds: settings.SQS_WAIT_SECONDS,
        maxReceives: settings.SQS_MAX_RECEIVES,
        leaseSeconds: settings.SQS_LEASE_SECONDS,
      }),
    });
  },
  redis: async (settings, { profile: _, ...connecting }) => {
    const { redisBroker } = await import('@waybill/redis');
    return redisBroker({
      ...connecting,
      url: settings.REDIS_URL,
      ...(settings.REDIS_CA_FILE ? { caFile: settings.REDIS_CA_FILE } : {}),
      ...given({ commandMs: settings.REDIS_COMMAND_MS }),
    });
  },
};

/** The blob store of the settings; loads its library. */
export async function blobsOf(settings: BlobSettings): Promise<BlobStore> {
  const { blobsFrom } = await import('@waybill/blobs');
  return blobsFrom(settings.BLOBS, awsAt(settings));
}

/** The store for bodies of messages, which are apart from all other blobs because they expire. */
export const claimsOf = (settings: BlobSettings): Promise<BlobStore> =>
  blobsOf({ ...settings, BLOBS: `${settings.BLOBS.replace(/\/+$/, '')}/claims` });

/** AWS access settings as options of the AWS clients. */
function awsAt({
  AWS_REGION,
  AWS_ENDPOINT_URL,
  AWS_ACCESS_KEY_ID,
  AWS_SECRET_ACCESS_KEY,
}: Omit<BlobSettings, 'BLOBS'>) {
  const credentials =
    AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY
      ? { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY }
      : null;
  return {
    ...(AWS_REGION ? { region: AWS_REGION } : {}),
    ...(AWS_ENDPOINT_URL ? { endpoint: AWS_ENDPOINT_URL } : {}),
    ...(credentials ? { credentials } : {}),
  };
}
