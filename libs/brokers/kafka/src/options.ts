import { InvalidBrokerSetting, knobsFrom, type ServerBrokerOptions } from '@waybill/messaging';

/**
 * How a Kafka broker is reached and used; only `service` and `brokers` are required. With `instance`, a restarted replica
 * gets its partitions back at once; without it, those of a crashed one move when its session has ended.
 */
export interface KafkaBrokerOptions extends ServerBrokerOptions {
  /** `host:port`; several are separated by commas. */
  readonly brokers: string | readonly string[];
  readonly username?: string;
  readonly password?: string;
  /** The SASL mechanism; default `plain`. */
  readonly mechanism?: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  /** Default false. */
  readonly tls?: boolean;
  /** Certificates (PEM) to trust instead of those of Node; enables TLS. */
  readonly ca?: string | Buffer;
  /** Replication factor of created topics; default: that of the broker. */
  readonly replication?: number;
  /** Partitions of a topic without a declared group; default 4. */
  readonly partitions?: number;
  /** Milliseconds without a heartbeat after which partitions move; default 6,000, 6,000 to 300,000. */
  readonly sessionMs?: number;
  /** Milliseconds between heartbeats; default 500, 100 to 2,000 (a third of the shortest session). */
  readonly heartbeatMs?: number;
  /** Timeout of one request in milliseconds; default 5,000, 500 to 60,000. */
  readonly requestMs?: number;
  /** Milliseconds that a fetch waits for the first message; default 250, 10 to 500. */
  readonly fetchWaitMs?: number;
  /** A request with at least so many characters of records is compressed by gzip; default 4,096, 0 to 10,000,000 (never). */
  readonly compressFrom?: number;
  /** Milliseconds between commits of offsets; default 500, 10 to 10,000. */
  readonly commitMs?: number;
  /** How many requests with records may be in flight at once, each for other partitions; default 1, 1 to 5. */
  readonly inFlight?: number;
  /** Whether Kafka drops what this process sends twice because the response to the first was lost; default false. */
  readonly idempotent?: boolean;
  /** Milliseconds that `close` waits for unsettled deliveries; default 5,000, 0 to 60,000. */
  readonly drainMs?: number;
  /** Maps an address that Kafka advertises to the one to connect to, for tunnels and tests; default: unchanged. */
  readonly dial?: (host: string, port: number) => { readonly host: string; readonly port: number };
}

const bounds = {
  partitions: [1, 1_000, 4],
  sessionMs: [6_000, 300_000, 6_000],
  heartbeatMs: [100, 2_000, 500],
  requestMs: [500, 60_000, 5_000],
  fetchWaitMs: [10, 500, 250],
  compressFrom: [0, 10_000_000, 4_096],
  commitMs: [10, 10_000, 500],
  inFlight: [1, 5, 1],
  drainMs: [0, 60_000, 5_000],
} as const;

/** The numeric options, with defaults filled in. */
export type Knobs = ReturnType<typeof knobsOf>;

/** Throws `InvalidBrokerSetting` for a number outside its bounds. */
export const knobsOf = (options: KafkaBrokerOptions) =>
  knobsFrom<keyof typeof bounds>(options, bounds);

const address = /^(\[[0-9a-fA-F:]+\]|[^\s:@/,]+):\d{1,5}$/;

/** The addresses as a list; throws `InvalidBrokerSetting`, without text that might contain a password. */
export function addressesOf({ brokers }: Pick<KafkaBrokerOptions, 'brokers'>): readonly string[] {
  const given = typeof brokers === 'string' ? brokers.split(',') : (brokers ?? []);
  const list = given.map((each) => each.trim());
  if (list.length > 0 && list.every((each) => address.test(each))) return list;
  throw new InvalidBrokerSetting('KAFKA_BROKERS', 'is not a list such as host:9092,other:9092');
}
