import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  EmbeddedPostgres,
  findBinaries,
  readPassword,
  runningPostmaster,
} from '@waybill/embedded-postgres';
import { furnishDatabases } from '../permissions/postgres-roles.ts';
import { probe } from '../probe.ts';
import type { Place, Server } from './server.ts';

const dataOf = (folder: string): string => join(folder, 'data');
/** SSLRequest: the server answers with one letter, whether it supports TLS. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** The project's own PostgreSQL. Each service has one database, owned by its own role. */
export const postgres: Server = {
  name: 'postgres',
  ports: { main: 7432 },
  ending: [
    ['SIGINT', 10_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ],
  missing: () => undefined,
  async version() {
    const { stdout } = await promisify(execFile)(findBinaries().postgres, ['--version']);
    return stdout.trim().split(' ').at(-1) as string;
  },
  async start({ folder, ports, certificates }, started) {
    const server = await EmbeddedPostgres.start({
      dataDir: dataOf(folder),
      port: ports['main'] as number,
      ...(certificates ? { tls: certificates } : {}),
    });
    started('main', server.pid);
  },
  answers: async ({ ports }) => (await probe(ports['main'] as number, sslRequest)).length === 1,
  furnish: (place) => furnishDatabases(adminUrl(place), place.users),
  strays({ folder }) {
    const found = runningPostmaster(dataOf(folder));
    return found ? [found.pid] : [];
  },
  logFile: (folder) => join(dataOf(folder), 'waybill.log'),
  environment: (place, service) => databaseUrl(place, service),
  url: ({ ports }) => `postgres://127.0.0.1:${ports['main']}`,
};

const adminUrl = (place: Place): string =>
  urlFor(place, `waybill:${readPassword(dataOf(place.folder))}`, 'postgres');

function urlFor({ ports, certificates }: Place, who: string, database: string): string {
  const url = new URL(`postgres://${who}@127.0.0.1:${ports['main']}/${database}`);
  if (certificates) {
    url.searchParams.set('sslmode', 'verify-full');
    url.searchParams.set('sslrootcert', certificates.ca);
  }
  return url.href;
}

function databaseUrl(place: Place, service?: string): Record<string, string> {
  const { users } = place;
  if (service === undefined) return { DATABASE_URL: adminUrl(place) };
  if (!users.withDatabase.includes(service)) return {};
  const who = `${service}:${users.password(service)}`;
  return { DATABASE_URL: urlFor(place, who, `waybill_${service}`) };
}
