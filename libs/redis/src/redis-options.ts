import type { Clock } from '@waybill/messaging';

/** Where a Redis is and who connects. Nothing connects before it is used. */
export interface RedisOptions {
  /** `redis://` or, with TLS, `rediss://`, with user and password where the server asks for them. */
  readonly url: string;
  /** A PEM file with the authority of the server's certificate; default: those that Node trusts. */
  readonly caFile?: string;
  /** Who connects: the name that `CLIENT LIST` shows. */
  readonly service: string;
  /** Stable name of the replica, for `CLIENT LIST`; default: none. */
  readonly instance?: string;
  /** Prefix of every channel and key; default `waybill`. */
  readonly namespace?: string;
  readonly clock?: Clock;
  /** Told once when a connection breaks or a subscription is refused; the error never holds a password. */
  readonly onTrouble?: (what: string, error: Error) => void;
}

/** The prefix of every channel and key of these options. */
export const prefixOf = ({ namespace }: Pick<RedisOptions, 'namespace'>): string =>
  `${namespace || 'waybill'}:`;
