import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { withPostgres } from '../temporary-postgres.ts';

export const dbosPackage = '@dbos-inc/dbos-sdk';
const version = '5.3.0';
const worker = fileURLToPath(new URL('./dbos-worker.js', import.meta.url));

/** The task of the worker process. */
export interface DbosTask {
  /** Where the package is installed. */
  readonly folder: string;
  readonly url: string;
  readonly connections: number;
  readonly warmUp: number;
  readonly loads: readonly { readonly orders: number; readonly inFlight: number }[];
}

export interface DbosRun {
  readonly perSecond: number;
  readonly p50Ms: number;
}

/** Orders of five durable steps in one process, without HTTP. */
export interface DbosFigures {
  readonly version: string;
  readonly many: DbosRun;
  readonly single: DbosRun;
}

/** Installs DBOS into a temporary folder and measures it; resolves with the reason when it cannot be installed or measured. */
export function measureDbos(): Promise<DbosFigures | string> {
  return withPostgres(async (fresh) => measureOn(await fresh('dbos')));
}

async function measureOn(url: string): Promise<DbosFigures | string> {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-peers-'));
  try {
    const failure = await install(folder);
    if (failure) return failure;
    const task: DbosTask = {
      folder,
      url,
      connections: 20,
      warmUp: 300,
      loads: [
        { orders: 1_000, inFlight: 64 },
        { orders: 100, inFlight: 1 },
      ],
    };
    const child = fork(worker, [JSON.stringify(task)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: ['--no-deprecation'],
    });
    const [answer] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
    if (!Array.isArray(answer)) return `DBOS was not measured: its process ended with ${answer}`;
    const [many, single] = answer as [DbosRun, DbosRun];
    return { version, many, single };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function install(folder: string): Promise<string | null> {
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const words = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  try {
    await promisify(execFile)('npm', [...words, `${dbosPackage}@${version}`], {
      cwd: folder,
      timeout: 120_000,
    });
    return null;
  } catch (error) {
    return `DBOS was not measured: npm cannot install ${dbosPackage}@${version} here (${reasonOf(error)})`;
  }
}

/** The most informative line of npm's output. */
export function reasonOf(error: unknown): string {
  const { stderr = '', message } = error as Error & { stderr?: string };
  const lines = stderr.split('\n').flatMap((line) => {
    const code = /^npm (?:error|ERR!) (?:code )?(.+)$/.exec(line)?.[1];
    return code && !/complete log/.test(code) ? [code] : [];
  });
  return lines.slice(0, 2).join(': ') || message;
}
