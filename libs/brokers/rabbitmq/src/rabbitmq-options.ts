import { type Clock, knobsFrom, type ServerBrokerOptions } from '@waybill/messaging';

/** Where RabbitMQ is, who connects, and the limits of the adapter. Connects on first use. */
export interface RabbitMqOptions extends ServerBrokerOptions {
  /** `amqp://user:password@host:5672/vhost`; `amqps://` for TLS. */
  readonly url: string;
  /** A PEM file with the certificate authority of the server; default: the authorities that Node trusts. */
  readonly caFile?: string;
  /** Maximum number of unconfirmed messages; 1 to 10,000, default 1,000. */
  readonly window?: number;
  /** Milliseconds until a missing confirm is an error; at least 100, default 5,000. */
  readonly confirmTimeout?: number;
  /** How often a message may be redelivered before RabbitMQ gives up on it; at least 1, default 100. */
  readonly deliveryLimit?: number;
  /** The most messages of a queue of an activity group, beyond which more are refused; at least 1, default 100,000. */
  readonly activityLimit?: number;
  /** Milliseconds that `close` and moving a partition wait for unsettled deliveries; default 5,000. */
  readonly drain?: number;
  /** Milliseconds between a consumer's announcements, by which partitions are shared; at least 50, default 2,000. */
  readonly beat?: number;
  /** Whether each dead letter is copied to `<queue>.dead`; default false. */
  readonly mirrorDeadLetters?: boolean;
}

/** The numeric options, with defaults filled in. */
export type Knobs = ReturnType<typeof knobsOf>;

/** The options, with defaults filled in. */
export interface Settings extends Knobs {
  readonly url: string;
  readonly caFile: string | null;
  readonly service: string;
  readonly instance: string;
  readonly prefix: string;
  readonly clock: Clock;
  readonly onTrouble: (what: string, error: Error) => void;
  readonly mirrorDeadLetters: boolean;
}

const bounds = {
  window: [1, 10_000, 1_000],
  confirmTimeout: [100, 600_000, 5_000],
  deliveryLimit: [1, 1_000_000, 100],
  activityLimit: [1, 10_000_000, 100_000],
  drain: [0, 60_000, 5_000],
  beat: [50, 60_000, 2_000],
} as const;

/** Throws `InvalidBrokerSetting` for a number outside its bounds. */
export const knobsOf = (options: RabbitMqOptions) =>
  knobsFrom<keyof typeof bounds>(options, bounds);
