import { chownSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerUser } from './server-user.js';

/** Gives a path and its content to the user of a server; the folder itself last, so its owner shows that all is done. */
export function give(path: string, user: ServerUser): void {
  const { owner } = user;
  if (!owner) return;
  const found = statSync(path);
  if (found.isDirectory()) for (const name of readdirSync(path)) give(join(path, name), user);
  if (found.uid !== owner.uid || found.gid !== owner.gid) chownSync(path, owner.uid, owner.gid);
}

/** As `give`, unless the folder already belongs to that user. */
export function giveOnce(folder: string, user: ServerUser): void {
  if (user.owner && statSync(folder).uid !== user.owner.uid) give(folder, user);
}
