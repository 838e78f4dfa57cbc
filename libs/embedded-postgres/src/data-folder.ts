import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { readWhole, syncFolder, writeWholeSync } from '@waybill/local-files';
import type { Binaries } from './binaries.ts';
import { give } from './owner.ts';
import { commandAs, type ServerUser } from './server-user.js';

const run = promisify(execFile);
const passwordFile = (dataDir: string): string => join(dataDir, 'waybill.password');
const remedy = 'restore the folder from a backup, or move it away to begin empty';

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
  options: { binaries: Binaries; user: ServerUser; durable: boolean },
): Promise<string> {
  removeAttempts(dataDir);
  const version = join(dataDir, 'PG_VERSION');
  if (!existsSync(version)) await create(dataDir, options);
  const found = readWhole(version, majorVersion, remedy) ?? '';
  if (found !== options.binaries.major) {
    throw new ForeignDataFolder(dataDir, found, options.binaries.major);
  }
  return readPassword(dataDir);
}

function majorVersion(text: string): string {
  if (!/^\d+(\.\d+)?\s*$/.test(text)) throw new Error('it names no version of PostgreSQL');
  return text.trim();
}

/** The password of the superuser `waybill` of a cluster that has been made. */
export function readPassword(dataDir: string): string {
  const password = readWhole(passwordFile(dataDir), (text) => text.trim(), remedy);
  if (password !== undefined) return password;
  throw new Error(`${passwordFile(dataDir)} is missing: ${remedy}`);
}

/** What the file says is not the password of the cluster. */
export const wrongPassword = (dataDir: string): Error =>
  new Error(`${passwordFile(dataDir)} holds another password than the cluster has: ${remedy}`);

/** Made beside its place and moved there when it is whole, so that a crash leaves no half cluster. */
async function create(
  dataDir: string,
  { binaries, user, durable }: { binaries: Binaries; user: ServerUser; durable: boolean },
): Promise<void> {
  if (existsSync(dataDir)) removeEmpty(dataDir);
  const made = `${dataDir}.new-${randomBytes(6).toString('hex')}`;
  const secret = `${made}.password`;
  const password = randomBytes(18).toString('base64url');
  try {
    mkdirSync(made, { mode: 0o700 });
    writeWholeSync(secret, `${password}\n`, { mode: 0o600 });
    give(made, user);
    give(secret, user);
    const { command, args, options } = commandAs(user, binaries.initdb, [
      `--pgdata=${made}`,
      '--username=waybill',
      '--auth=scram-sha-256',
      `--pwfile=${secret}`,
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      ...(durable ? [] : ['--no-sync']),
    ]);
    await run(command, args, { ...options, cwd: made, env: { LC_ALL: 'C', TZ: 'UTC' } });
    writeWholeSync(passwordFile(made), `${password}\n`, { mode: 0o600 });
    renameSync(made, dataDir);
    syncFolder(dirname(dataDir));
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    const reason = stderr?.split('\n').find((line) => /error:|could not/.test(line)) ?? message;
    throw new Error(`PostgreSQL cannot make the data folder ${dataDir}: ${reason}`, {
      cause: error,
    });
  } finally {
    removeAttempts(dataDir);
  }
}

/** What is neither a cluster nor empty may be a damaged one, and is not ours to remove. */
function removeEmpty(dataDir: string): void {
  if (readdirSync(dataDir).length > 0)
    throw new Error(`${dataDir} is not empty and has no file PG_VERSION: ${remedy}`);
  rmdirSync(dataDir);
}

/** What a start that was killed left beside the place: half a cluster, and the file with its password. */
function removeAttempts(dataDir: string): void {
  const folder = dirname(dataDir);
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`${basename(dataDir)}.new`) && !/^\.password-[0-9a-f]{12}$/.test(name)) {
      continue;
    }
    // Its initdb may still be writing.
    rmSync(join(folder, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
