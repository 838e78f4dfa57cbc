import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Binaries } from './binaries.ts';
import type { SystemUser } from './system-user.ts';

const run = promisify(execFile);
const passwordFile = (dataDir: string): string => join(dataDir, 'waybill.password');

/** The data folder was made by another major version of PostgreSQL, which this one cannot read. */
export class ForeignDataFolder extends Error {
  readonly code = 'foreign_data_folder';
  constructor(dataDir: string, found: string, needed: string) {
    super(
      `${dataDir} holds data of PostgreSQL ${found}, this is PostgreSQL ${needed}: ` +
        'go back to the release that made it, or move the folder away to begin empty',
    );
    this.name = 'ForeignDataFolder';
  }
}

/** Makes the cluster where there is none yet, and returns the password of its superuser. */
export async function prepareDataFolder(
  dataDir: string,
  options: { binaries: Binaries; user: SystemUser; durable: boolean },
): Promise<string> {
  const version = join(dataDir, 'PG_VERSION');
  if (!existsSync(version)) await create(dataDir, options);
  const found = readFileSync(version, 'utf8').trim();
  if (found !== options.binaries.major) {
    throw new ForeignDataFolder(dataDir, found, options.binaries.major);
  }
  return readPassword(dataDir);
}

/** The password of the superuser `waybill` of a cluster that has been made. */
export const readPassword = (dataDir: string): string =>
  readFileSync(passwordFile(dataDir), 'utf8').trim();

/** Made beside its place and moved there when it is whole, so that a crash leaves no half cluster. */
async function create(
  dataDir: string,
  { binaries, user, durable }: { binaries: Binaries; user: SystemUser; durable: boolean },
): Promise<void> {
  const made = `${dataDir}.new`;
  const secret = join(dirname(dataDir), `.password-${randomBytes(6).toString('hex')}`);
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true, mode: 0o700 });
  const password = randomBytes(18).toString('base64url');
  writeFileSync(secret, `${password}\n`, { mode: 0o600 });
  own(made, user);
  own(secret, user);
  try {
    await run(
      binaries.initdb,
      [
        `--pgdata=${made}`,
        '--username=waybill',
        '--auth=scram-sha-256',
        `--pwfile=${secret}`,
        '--encoding=UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
        ...(durable ? [] : ['--no-sync']),
      ],
      { ...user, cwd: made, env: { LC_ALL: 'C', TZ: 'UTC' } },
    );
  } finally {
    rmSync(secret, { force: true });
  }
  writeFileSync(passwordFile(made), `${password}\n`, { mode: 0o600 });
  rmSync(dataDir, { recursive: true, force: true });
  renameSync(made, dataDir);
}

function own(path: string, user: SystemUser): void {
  if (user.uid !== undefined && user.gid !== undefined) chownSync(path, user.uid, user.gid);
}
