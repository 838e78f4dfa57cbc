import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';

/** The identity that a server runs under; empty where that is simply our own. */
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

/** PostgreSQL refuses to run as root: then the owner of `dataDir`, the user `postgres` or `nobody` runs it. */
export function postgresUser(dataDir: string): SystemUser {
  if (process.getuid?.() !== 0) return {};
  if (existsSync(dataDir)) {
    const { uid, gid } = statSync(dataDir);
    if (uid !== 0) return { uid, gid };
  }
  const { uid = 65534, gid = 65534 } = serverUser(['postgres', 'nobody']);
  return { uid, gid };
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

/** Throws when `user` may not enter a folder on the way to `path`, and says which. */
export function checkReachable(path: string, user: SystemUser): void {
  const folder = closedFolder(path, user);
  if (folder === undefined) return;
  throw new Error(
    `PostgreSQL cannot run as root, and as user ${user.uid} it may not enter ${folder}: ` +
      'start as another user, or move the project to a folder that everybody may enter',
  );
}
