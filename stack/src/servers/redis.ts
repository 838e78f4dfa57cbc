import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { launch } from '../launch.ts';
import { redisAcl } from '../permissions/redis-acl.ts';
import { ask } from '../probe.ts';
import { findProgram } from '../programs.ts';
import type { Place, Server } from './server.ts';

const program = (): string | undefined => findProgram('redis-server', 'valkey-server');
const logFile = (folder: string): string => join(folder, 'redis.log');

/** Redis or Valkey. Live updates and caches only, so it writes a snapshot now and then and no log. */
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
    writeFileSync(join(place.folder, 'users.acl'), redisAcl(place.users, place.secure), {
      mode: 0o600,
    });
    writeFileSync(config, redisConfig(place), { mode: 0o600 });
    const pid = await launch({
      command: program() as string,
      args: [config],
      cwd: place.folder,
      log: logFile(place.folder),
    });
    started('main', pid);
  },
  async answers({ ports }) {
    const answer = (await ask(ports['main'] as number, 'PING\r\n')).toString();
    // While it loads its snapshot it says LOADING.
    return answer.startsWith('+PONG') || answer.startsWith('-NOAUTH');
  },
  logFile,
  environment: (place, service) => ({ REDIS_URL: redisUrl(place, service ?? 'admin') }),
  url: ({ ports }) => `redis://127.0.0.1:${ports['main']}`,
};

function redisUrl({ ports, secure, users }: Place, user: string): string {
  const who = secure ? `${user}:${users.password(user)}@` : '';
  return `redis://${who}127.0.0.1:${ports['main']}`;
}

/** The configuration file of Redis. */
export function redisConfig({ folder, ports }: Pick<Place, 'folder' | 'ports'>): string {
  return `bind 127.0.0.1
port ${ports['main']}
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
