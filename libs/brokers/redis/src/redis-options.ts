import type { ServerBrokerOptions } from '@waybill/messaging';

/** Where a Redis is and who connects; `namespace` is `waybill` by default. Nothing connects before it is used. */
export interface RedisOptions extends ServerBrokerOptions {
  /** `redis://` or, with TLS, `rediss://`, with user and password where the server asks for them. */
  readonly url: string;
  /** A PEM file with the authority of the server's certificate; default: those that Node trusts. */
  readonly caFile?: string;
}

/** The prefix of every channel and key of these options. */
export const prefixOf = ({ namespace }: Pick<RedisOptions, 'namespace'>): string =>
  `${namespace || 'waybill'}:`;
