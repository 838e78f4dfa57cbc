/** The system that runs on this machine, by what it noted when it started. Plain Node, no dependency. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { root } from './suites.mjs';

/** The folders of a system in one process, and of one as processes, unless `WAYBILL_DATA` names one. */
export const dataFolders = (env = process.env) =>
  env.WAYBILL_DATA
    ? [resolve(env.WAYBILL_DATA)]
    : [join(root, '.waybill'), join(root, '.waybill', 'services')];

/**
 * What the system in the first of `folders` noted that has one; one that was killed comes after one that lives.
 * Undefined when none of them has any.
 */
export function runningSystem(folders = dataFolders()) {
  const files = folders.map((folder) => join(folder, 'running.json'));
  const noted = files.filter((file) => existsSync(file)).map((file) => readNote(file));
  return noted.find(({ pid }) => lives(pid)) ?? noted[0];
}

const readNote = (file) => JSON.parse(readFileSync(file, 'utf8'));

function lives(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
