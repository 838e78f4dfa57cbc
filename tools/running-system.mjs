/** The system that runs on this machine, from the file it wrote when it started. Plain Node, no dependency. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { root } from './suites.mjs';

/** The data folders of a system in one process and of one as processes, unless `WAYBILL_DATA` names one. */
export const dataFolders = (env = process.env) =>
  env.WAYBILL_DATA
    ? [resolve(env.WAYBILL_DATA)]
    : [join(root, '.waybill'), join(root, '.waybill', 'services')];

/**
 * What a running system wrote to `running.json` in one of `folders`; when none runs, the first file of one that was killed.
 * Undefined when no folder has the file; throws when it is damaged.
 */
export function runningSystem(folders = dataFolders()) {
  const files = folders.map((folder) => join(folder, 'running.json'));
  const noted = files.filter((file) => existsSync(file)).map((file) => readNote(file));
  return noted.find(({ pid }) => lives(pid)) ?? noted[0];
}

function readNote(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(
      `${file} is damaged (${error.message}): start the system again, which writes it anew`,
    );
  }
}

function lives(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  return !isZombie(pid);
}

/** The process has exited, but its parent has not yet collected its status. */
function isZombie(pid) {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) && /^.*\) Z/s.test(readFileSync(file, 'utf8'));
}
