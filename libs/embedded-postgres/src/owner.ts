import { chownSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerUser } from './server-user.js';

/** Gives a folder and all in it to the user of a server; the folder itself last, so that it tells that all is given. */
export function give(path: string, user: ServerUser): void {
  const { owner } = user;
  if (!owner) return;
  const found = statSync(path);
  if (found.isDirectory()) for (const name of readdirSync(path)) give(join(path, name), user);
  if (found.uid !== owner.uid || found.gid !== owner.gid) chownSync(path, owner.uid, owner.gid);
}

/** As `give`, where the folder does not belong to that user yet. */
export function giveOnce(folder: string, user: ServerUser): void {
  if (user.owner && statSync(folder).uid !== user.owner.uid) give(folder, user);
}
