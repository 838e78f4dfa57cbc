import { readFileSync } from 'node:fs';
import { InvalidBrokerSetting } from '@waybill/messaging';
import type { RedisOptions as ClientOptions } from 'ioredis';

/** The address of a Redis, in the form its client expects. */
export interface RedisAddress {
  /** `host:port`, and whether it uses TLS, for messages; without user and password. */
  readonly place: string;
  readonly client: Pick<ClientOptions, 'host' | 'port' | 'username' | 'password' | 'db' | 'tls'>;
}

/** Reads REDIS_URL and REDIS_CA_FILE; throws `InvalidBrokerSetting`, which never repeats the content of the URL. */
export function addressFrom(url: string, caFile: string | undefined): RedisAddress {
  const { protocol, hostname, port, username, password, pathname } = parsed(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const number = port === '' ? 6379 : Number(port);
  return {
    place: `${hostname}:${number}${protocol === 'rediss:' ? ' by TLS' : ''}`,
    client: {
      host,
      port: number,
      ...(username === '' ? {} : { username: decodeURIComponent(username) }),
      ...(password === '' ? {} : { password: decodeURIComponent(password) }),
      ...(pathname.length > 1 ? { db: Number(pathname.slice(1)) } : {}),
      ...(protocol === 'rediss:' ? { tls: tlsFor(host, caFile) } : {}),
    },
  };
}

function parsed(url: string): URL {
  try {
    const found = new URL(url);
    decodeURIComponent(`${found.username}${found.password}`);
    const { protocol, hostname, pathname, search, hash } = found;
    const isRedis = protocol === 'redis:' || protocol === 'rediss:';
    if (isRedis && hostname !== '' && /^\/?\d{0,4}$/.test(pathname) && search + hash === '') {
      return found;
    }
  } catch {
    // Reported below, because the parser's message could repeat the password.
  }
  throw new InvalidBrokerSetting(
    'REDIS_URL',
    'is no URL such as redis://user:password@host:6379/0, with rediss for TLS; ' +
      'characters such as / # ? in a password must be percent-encoded',
  );
}

const isIp = (host: string): boolean => /^[\d.]+$|:/.test(host);

function tlsFor(host: string, caFile: string | undefined): NonNullable<ClientOptions['tls']> {
  const servername = isIp(host) ? {} : { servername: host };
  if (caFile === undefined) return servername;
  try {
    return { ...servername, ca: readFileSync(caFile) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InvalidBrokerSetting('REDIS_CA_FILE', `cannot be read: ${caFile} (${code})`);
  }
}
