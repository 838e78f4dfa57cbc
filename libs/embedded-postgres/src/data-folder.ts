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

/** The data folder was created by another major version of PostgreSQL, so this version cannot read it. */
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

/** Creates the cluster if there is none, and returns the password of its superuser. */
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

/** The password of the superuser `waybill` of an existing cluster; throws when its file is missing. */
export function readPassword(dataDir: string): string {
  const password = readWhole(passwordFile(dataDir), (text) => text.trim(), remedy);
  if (password !== undefined) return password;
  throw new Error(`${passwordFile(dataDir)} is missing: ${remedy}`);
}

/** The password in the file is not that of the cluster. */
export const wrongPassword = (dataDir: string): Error =>
  new Error(`${passwordFile(dataDir)} holds another password than the cluster has: ${remedy}`);

/** Created next to its final path and renamed when it is complete, so a crash leaves no incomplete cluster. */
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

/** A folder that is neither a cluster nor empty may be a damaged cluster, so it is never removed. */
function removeEmpty(dataDir: string): void {
  if (readdirSync(dataDir).length > 0)
    throw new Error(`${dataDir} is not empty and has no file PG_VERSION: ${remedy}`);
  rmdirSync(dataDir);
}

/** Leftovers of a killed start next to the data folder: an incomplete cluster, and the file with its password. */
function removeAttempts(dataDir: string): void {
  const folder = dirname(dataDir);
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`${basename(dataDir)}.new`) && !/^\.password-[0-9a-f]{12}$/.test(name)) {
      continue;
    }
    // The initdb of that start may still be writing.
    rmSync(join(folder, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
