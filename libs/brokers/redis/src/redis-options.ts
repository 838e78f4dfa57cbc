import type { ServerBrokerOptions } from '@waybill/messaging';

/** Where Redis is, and who connects; `namespace` defaults to `waybill`. Connects on first use. */
export interface RedisOptions extends ServerBrokerOptions {
  /** `redis://`, or `rediss://` for TLS, with user and password if the server requires them. */
  readonly url: string;
  /** A PEM file with the certificate authority of the server; default: the authorities that Node trusts. */
  readonly caFile?: string;
}

/** The prefix of all channels and keys. */
export const prefixOf = ({ namespace }: Pick<RedisOptions, 'namespace'>): string =>
  `${namespace || 'waybill'}:`;
