import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';

/** The identity that a server runs under; empty where that is our own. */
export interface SystemUser {
  readonly uid?: number;
  readonly gid?: number;
}

/** Who runs a server that should not run as root: us, or where we are root the first of `names` that exists. */
export function serverUser(names: readonly string[]): SystemUser {
  if (process.getuid?.() !== 0) return {};
  for (const name of names) {
    const found = idsOf(name);
    if (found) return found;
  }
  return {};
}

function idsOf(name: string): SystemUser | undefined {
  const id = (flag: string): number =>
    Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

/** Gives a folder and all in it to `user`. */
export function give(path: string, user: SystemUser): void {
  if (user.uid === undefined || user.gid === undefined) return;
  chownSync(path, user.uid, user.gid);
  if (!statSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) give(join(path, name), user);
}

/** The first folder on the way to `path` that `user` may not enter. */
export function closedFolder(path: string, user: SystemUser): string | undefined {
  if (user.uid === undefined) return undefined;
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    if (!existsSync(folder)) continue;
    const { mode, uid, gid } = statSync(folder);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return folder;
  }
  return undefined;
}
