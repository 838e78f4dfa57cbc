import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import process from 'node:process';
import { commandAs, type ServerUser } from '@waybill/embedded-postgres';

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Both stdout and stderr are appended to this file. */
  readonly log: string;
  /** In addition to PATH, HOME and the like, which are inherited. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly user?: ServerUser;
}

const inherited = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR', 'JAVA_HOME'];

/** Starts a detached program that outlives this process and receives no Ctrl-C; resolves with its process id. */
export function launch({ command, args, cwd, log, environment, user }: Launch): Promise<number> {
  const file = openSync(log, 'a', 0o640);
  try {
    const as = commandAs(user ?? { front: [] }, command, args);
    const child = spawn(as.command, as.args, {
      ...as.options,
      cwd,
      env: { ...environmentFor(inherited), ...environment },
      stdio: ['ignore', file, file],
      detached: true,
    });
    child.unref();
    return new Promise((resolve, reject) => {
      child.once('spawn', () => resolve(child.pid as number));
      child.once('error', reject);
    });
  } finally {
    closeSync(file);
  }
}

function environmentFor(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
