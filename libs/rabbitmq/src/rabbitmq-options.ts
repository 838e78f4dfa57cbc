import type { Clock } from '@waybill/messaging';

/** Where a RabbitMQ is, who connects, and the knobs of the adapter. Nothing connects before it is used. */
export interface RabbitMqOptions {
  /** `amqp://user:password@host:5672/vhost`, with TLS `amqps://`. */
  readonly url: string;
  /** A PEM file with the authority of the server's certificate; default: those that Node trusts. */
  readonly caFile?: string;
  /** Who connects: the name that the management pages show. */
  readonly service: string;
  /** Stable name of the replica; default: a random one. */
  readonly instance?: string;
  /** Prefix of every exchange and queue; default: none. */
  readonly namespace?: string;
  readonly clock?: Clock;
  /** Told when a connection or channel breaks or a reconnect fails; the error never holds a password. */
  readonly onTrouble?: (what: string, error: Error) => void;
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

/** Options with every default filled in. */
export interface Settings {
  readonly url: string;
  readonly caFile: string | null;
  readonly service: string;
  readonly instance: string;
  readonly prefix: string;
  readonly clock: Clock;
  readonly onTrouble: (what: string, error: Error) => void;
  readonly window: number;
  readonly confirmTimeout: number;
  readonly deliveryLimit: number;
  readonly drain: number;
  readonly beat: number;
  readonly mirrorDeadLetters: boolean;
}
