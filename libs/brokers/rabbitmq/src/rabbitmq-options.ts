import { type Clock, knobsFrom, type ServerBrokerOptions } from '@waybill/messaging';

/** Where a RabbitMQ is, who connects, and the knobs of the adapter. Nothing connects before it is used. */
export interface RabbitMqOptions extends ServerBrokerOptions {
  /** `amqp://user:password@host:5672/vhost`, with TLS `amqps://`. */
  readonly url: string;
  /** A PEM file with the authority of the server's certificate; default: those that Node trusts. */
  readonly caFile?: string;
  /** Messages that may be on their way to the broker unconfirmed; 1 to 10,000, default 1,000. */
  readonly window?: number;
  /** Milliseconds after which a missing confirm is told as an error; at least 100, default 5,000. */
  readonly confirmTimeout?: number;
  /** Times that a message may come back unacked before RabbitMQ gives up on it; at least 1, default 100. */
  readonly deliveryLimit?: number;
  /** Milliseconds that `close` and moving a shard wait for deliveries in hand; default 5,000. */
  readonly drain?: number;
  /** Milliseconds between signs of life of a consumer, for sharing shards; at least 50, default 2,000. */
  readonly beat?: number;
  /** Whether a copy of each dead letter goes to `<queue>.dead`; default: no. */
  readonly mirrorDeadLetters?: boolean;
}

/** Its numbers, with their defaults. */
export type Knobs = ReturnType<typeof knobsOf>;

/** Options with every default filled in. */
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
  drain: [0, 60_000, 5_000],
  beat: [50, 60_000, 2_000],
} as const;

/** Throws `InvalidBrokerSetting` for a number out of its bounds. */
export const knobsOf = (options: RabbitMqOptions) =>
  knobsFrom<keyof typeof bounds>(options, bounds);
