import { existsSync, ftruncateSync, openSync, readFileSync } from 'node:fs';

const longest = 2_000;
/** Written by each process of a killed server as it ends; four hundred of these lines would hide all others. */
const farewell = /terminating connection due to unexpected postmaster exit/;

/**
 * Opens and truncates the log of a server, for its standard output. Processes of a killed server may still write to it;
 * all append, so that no line is overwritten and no hole appears.
 */
export function openLog(file: string): number {
  const log = openSync(file, 'a', 0o600);
  ftruncateSync(log);
  return log;
}

/** The last lines that a server wrote since its log was opened; empty if there are none. */
export function lastWords(file: string): string {
  if (!existsSync(file)) return '';
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines
    .filter((line) => !farewell.test(line))
    .join('\n')
    .slice(-longest);
}

/** Why a server ended, in one line: its last fatal error. */
export function reasonIn(file: string): string {
  const lines = lastWords(file)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const grave = lines.filter((line) => /\b(FATAL|PANIC):/.test(line));
  const reason = grave.at(-1) ?? lines.at(-1) ?? 'it wrote nothing';
  return `${reason.trim()} (see ${file})`;
}
