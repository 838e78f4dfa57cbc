import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { give, type ServerUser, serverUser } from '@waybill/embedded-postgres';
import { writeWholeSync } from '@waybill/local-files';
import { launch } from '../launch.ts';
import { rabbitmqDefinitions, vhost } from '../permissions/rabbitmq-users.ts';
import { probe } from '../probe.ts';
import { findProgram, isExecutable } from '../programs.ts';
import { rabbitmqConfig, rabbitmqEnvironment } from './rabbitmq-config.ts';
import type { Place, Server, Started } from './server.ts';

/** Debian's wrapper allows only root and one user to start it; the script that it calls allows every user. */
const behind = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const script = (): string | undefined =>
  isExecutable(behind) ? behind : findProgram('rabbitmq-server');
const logFile = (folder: string): string => join(folder, 'log', 'rabbitmq.log');
const protocolHeader = Buffer.from([65, 77, 81, 80, 0, 0, 9, 1]);

/** RabbitMQ with its management API, and an epmd of its own, separate from other nodes. */
export const rabbitmq: Server = {
  name: 'rabbitmq',
  ports: { main: 7672, management: 7680, distribution: 7674, epmd: 7675 },
  ending: [
    ['SIGTERM', 30_000],
    ['SIGKILL', 5_000],
  ],
  missing: () =>
    script() === undefined || findProgram('epmd') === undefined
      ? { what: 'rabbitmq-server', apt: ['rabbitmq-server'], brew: ['rabbitmq'] }
      : undefined,
  async version() {
    const home = dirname(dirname(realpathSync(script() as string)));
    const named = /(\d+\.\d+\.\d+)/.exec(home)?.[1];
    if (named) return named;
    const { stdout } = await promisify(execFile)(join(home, 'sbin', 'rabbitmqctl'), ['version']);
    return stdout.trim();
  },
  async start(place, started) {
    const user = serverUser({
      server: 'RabbitMQ',
      names: ['rabbitmq', 'nobody'],
      paths: [join(place.folder, 'data')],
    });
    writeFiles(place, user);
    await startEpmd(place, user, started);
    const pid = await launch({
      command: script() as string,
      args: [],
      cwd: place.folder,
      log: join(place.folder, 'log', 'console.log'),
      environment: rabbitmqEnvironment(place),
      user,
    });
    started('main', pid);
  },
  answers: async ({ ports, certificates }) =>
    (await probe(ports['main'] as number, protocolHeader, certificates))[0] === 1,
  furnish: (place) => (place.secure ? removeGuest(place) : Promise.resolve()),
  logFile,
  environment: (place, service) => ({
    RABBITMQ_URL: rabbitmqUrl(place, service),
    ...(place.certificates ? { RABBITMQ_CA_FILE: place.certificates.ca } : {}),
  }),
  url: ({ ports, certificates }) =>
    `${schemeOf(certificates)}://127.0.0.1:${ports['main']}/${vhost}  http://127.0.0.1:${ports['management']}`,
};

/** A server that ran without users before has a guest user with all rights. */
async function removeGuest({ ports, users }: Place): Promise<void> {
  const basic = Buffer.from(`admin:${users.password('admin')}`).toString('base64');
  const answer = await fetch(`http://127.0.0.1:${ports['management']}/api/users/guest`, {
    method: 'DELETE',
    headers: { authorization: `Basic ${basic}` },
    signal: AbortSignal.timeout(10_000),
  });
  if (!answer.ok && answer.status !== 404) throw new Error(`it keeps its guest: ${answer.status}`);
}

const schemeOf = (certificates: Place['certificates']): string => (certificates ? 'amqps' : 'amqp');

function rabbitmqUrl({ ports, secure, users, certificates }: Place, service = 'admin'): string {
  const who = secure ? `${service}:${users.password(service)}` : 'guest:guest';
  return `${schemeOf(certificates)}://${who}@127.0.0.1:${ports['main']}/${vhost}`;
}

function writeFiles(place: Place, user: ServerUser): void {
  const file = (name: string, text: string | Uint8Array): void =>
    void writeWholeSync(join(place.folder, name), text, { mode: 0o600 });
  for (const name of ['data', 'log']) mkdirSync(join(place.folder, name), { recursive: true });
  file('rabbitmq.conf', rabbitmqConfig(place));
  file('rabbitmq-env.conf', '');
  file('enabled_plugins', '[rabbitmq_management].\n');
  file('definitions.json', JSON.stringify(rabbitmqDefinitions(place.users, place.secure), null, 2));
  // Copies, because the server may run as another user than the one who created them.
  const { certificates } = place;
  if (certificates) {
    file('ca.crt', readFileSync(certificates.ca));
    file('server.crt', readFileSync(certificates.certificate));
    file('server.key', readFileSync(certificates.key));
  }
  give(place.folder, user);
}

/** In the foreground, so that its process is known; RabbitMQ would start one that outlives it. */
async function startEpmd(place: Place, user: ServerUser, started: Started): Promise<void> {
  const port = place.ports['epmd'] as number;
  // An earlier epmd may have outlived a killed server.
  if (
    await probe(port, Buffer.from([0, 1, 110])).then(
      () => true,
      () => false,
    )
  )
    return;
  const pid = await launch({
    command: findProgram('epmd') as string,
    args: ['-port', String(port), '-address', '127.0.0.1'],
    cwd: place.folder,
    log: join(place.folder, 'log', 'epmd.log'),
    user,
  });
  started('epmd', pid);
}
