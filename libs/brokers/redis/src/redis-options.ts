import { knobsFrom, type ServerBrokerOptions } from '@waybill/messaging';

/** Where Redis is, and who connects; `namespace` defaults to `waybill`. Connects on first use. */
export interface RedisOptions extends ServerBrokerOptions {
  /** `redis://`, or `rediss://` for TLS, with user and password if the server requires them. */
  readonly url: string;
  /** A PEM file with the certificate authority of the server; default: the authorities that Node trusts. */
  readonly caFile?: string;
  /** Milliseconds until a command without a response has failed; 1,000 to 60,000, default 1,000. */
  readonly commandMs?: number;
}

/** Throws `InvalidBrokerSetting` for a number outside its bounds. A busy process may need a second to read a response. */
export const knobsOf = (options: RedisOptions) =>
  knobsFrom<'commandMs'>(options, { commandMs: [1_000, 60_000, 1_000] });

/** The prefix of all channels and keys. */
export const prefixOf = ({ namespace }: Pick<RedisOptions, 'namespace'>): string =>
  `${namespace || 'waybill'}:`;
