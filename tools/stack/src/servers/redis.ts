import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeWholeSync } from '@waybill/local-files';
import { launch } from '../launch.ts';
import { redisAcl } from '../permissions/redis-acl.ts';
import { probe } from '../probe.ts';
import { findProgram } from '../programs.ts';
import type { Place, Server } from './server.ts';

const program = (): string | undefined => findProgram('redis-server', 'valkey-server');
const logFile = (folder: string): string => join(folder, 'redis.log');

/** Redis or Valkey. It holds only live updates and caches, so it writes occasional snapshots and no log. */
export const redis: Server = {
  name: 'redis',
  ports: { main: 7379 },
  ending: [
    ['SIGTERM', 10_000],
    ['SIGKILL', 5_000],
  ],
  missing: () =>
    program() === undefined
      ? { what: 'redis-server', apt: ['redis-server'], brew: ['redis'] }
      : undefined,
  async version() {
    const { stdout } = await promisify(execFile)(program() as string, ['--version']);
    return /v=(\S+)/.exec(stdout)?.[1] ?? 'unknown';
  },
  async start(place, started) {
    const config = join(place.folder, 'redis.conf');
    mkdirSync(join(place.folder, 'data'), { recursive: true });
    writeWholeSync(join(place.folder, 'users.acl'), redisAcl(place.users, place.secure), {
      mode: 0o600,
    });
    writeWholeSync(config, redisConfig(place), { mode: 0o600 });
    const pid = await launch({
      command: program() as string,
      args: [config],
      cwd: place.folder,
      log: logFile(place.folder),
    });
    started('main', pid);
  },
  async answers({ ports, certificates }) {
    const answer = (await probe(ports['main'] as number, 'PING\r\n', certificates)).toString();
    // While it loads its snapshot it responds with LOADING.
    return answer.startsWith('+PONG') || answer.startsWith('-NOAUTH');
  },
  logFile,
  environment: (place, service) => ({
    REDIS_URL: redisUrl(place, service ?? 'admin'),
    ...(place.certificates ? { REDIS_CA_FILE: place.certificates.ca } : {}),
  }),
  url: ({ ports, certificates }) => `${schemeOf(certificates)}://127.0.0.1:${ports['main']}`,
};

const schemeOf = (certificates: Place['certificates']): string =>
  certificates ? 'rediss' : 'redis';

function redisUrl({ ports, secure, users, certificates }: Place, user: string): string {
  const who = secure ? `${user}:${users.password(user)}@` : '';
  return `${schemeOf(certificates)}://${who}127.0.0.1:${ports['main']}`;
}

/** The configuration file of Redis. */
export function redisConfig({
  folder,
  ports,
  certificates,
}: Pick<Place, 'folder' | 'ports' | 'certificates'>): string {
  const listening = certificates
    ? `port 0
tls-port ${ports['main']}
tls-cert-file "${certificates.certificate}"
tls-key-file "${certificates.key}"
tls-ca-cert-file "${certificates.ca}"
tls-auth-clients no`
    : `port ${ports['main']}`;
  return `bind 127.0.0.1
${listening}
daemonize no
dir "${join(folder, 'data')}"
dbfilename dump.rdb
save 300 1
appendonly no
aclfile "${join(folder, 'users.acl')}"
maxmemory 256mb
maxmemory-policy allkeys-lru
`;
}
