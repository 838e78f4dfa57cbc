import type { Clock } from '@waybill/messaging';

/** How a Kafka broker is reached and used; what has no default is needed. */
export interface KafkaBrokerOptions {
  /** Who connects: client id, and what Kafka's own tools show. */
  readonly service: string;
  /** `host:port`, several separated by commas. */
  readonly brokers: string | readonly string[];
  /**
   * A name that this replica keeps over restarts, and no other has. With it a restarted replica gets its shards
   * back at once; without it the shards of a crashed one move when its session has ended.
   */
  readonly instance?: string;
  /** Prefix of every topic and group; default none. */
  readonly namespace?: string;
  readonly username?: string;
  readonly password?: string;
  /** How the user is proven; default `plain`. */
  readonly mechanism?: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  /** Default false. */
  readonly tls?: boolean;
  /** Certificates (PEM) to trust instead of those of Node; turns TLS on. */
  readonly ca?: string | Buffer;
  /** Copies of each topic that is created; default: what the broker has as its default. */
  readonly replication?: number;
  /** Partitions of a topic that nobody has declared a group on; default 4. */
  readonly partitions?: number;
  /** Milliseconds without a heartbeat after which shards move; default 6,000, 6,000 to 300,000. */
  readonly sessionMs?: number;
  /** Milliseconds that one request may take; default 5,000, 500 to 60,000. */
  readonly requestMs?: number;
  /** Milliseconds that a fetch waits for the first message; default 250, 10 to 500. */
  readonly fetchWaitMs?: number;
  /** Milliseconds between commits of offsets; default 500, 10 to 10,000. */
  readonly commitMs?: number;
  /** Milliseconds that `close` waits for what is in hand; default 5,000, 0 to 60,000. */
  readonly drainMs?: number;
  /** Where to connect instead of an address that Kafka advertises, for tunnels and tests; default: there. */
  readonly dial?: (host: string, port: number) => { readonly host: string; readonly port: number };
  readonly clock?: Clock;
  /** Told when a connection breaks or cannot be made again. */
  readonly onTrouble?: (what: string, error: Error) => void;
}

/** A setting of the adapter is wrong; the message names it and never shows a password. */
export class InvalidKafkaSetting extends Error {
  readonly code = 'invalid_kafka_setting';
  readonly retriable = false;
  constructor(reason: string) {
    super(reason);
    this.name = 'InvalidKafkaSetting';
  }
}

const bounds = {
  partitions: [4, 1, 1_000],
  sessionMs: [6_000, 6_000, 300_000],
  requestMs: [5_000, 500, 60_000],
  fetchWaitMs: [250, 10, 500],
  commitMs: [500, 10, 10_000],
  drainMs: [5_000, 0, 60_000],
} as const;

/** The numbers of the options with their defaults. */
export type Knobs = { readonly [name in keyof typeof bounds]: number };

/** Reads the numbers; throws `InvalidKafkaSetting` for one out of bounds. */
export function knobsOf(options: KafkaBrokerOptions): Knobs {
  const names = Object.keys(bounds) as (keyof Knobs)[];
  const read = (name: keyof Knobs): number => {
    const [byDefault, least, most] = bounds[name];
    const value = options[name] ?? byDefault;
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidKafkaSetting(`kafka: ${name} must be an integer from ${least} to ${most}`);
  };
  return Object.fromEntries(names.map((name) => [name, read(name)])) as Knobs;
}

const address = /^(\[[0-9a-fA-F:]+\]|[^\s:@/,]+):\d{1,5}$/;

/** The addresses as a list; throws `InvalidKafkaSetting` without showing what might hold a password. */
export function addressesOf({ brokers }: Pick<KafkaBrokerOptions, 'brokers'>): readonly string[] {
  const given = typeof brokers === 'string' ? brokers.split(',') : (brokers ?? []);
  const list = given.map((each) => each.trim());
  if (list.length > 0 && list.every((each) => address.test(each))) return list;
  throw new InvalidKafkaSetting('KAFKA_BROKERS is no list such as host:9092,other:9092');
}
