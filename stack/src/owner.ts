import { chownSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SystemUser } from '@waybill/persistence/embedded';

/** Gives a folder and all in it to `user`. */
export function give(path: string, user: SystemUser): void {
  if (user.uid === undefined || user.gid === undefined) return;
  chownSync(path, user.uid, user.gid);
  if (!statSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) give(join(path, name), user);
}
