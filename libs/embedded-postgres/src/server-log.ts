import { existsSync, ftruncateSync, openSync, readFileSync } from 'node:fs';

const longest = 2_000;
/** What each process of a server that was killed says as it goes; four hundred of them would hide all else. */
const farewell = /terminating connection due to unexpected postmaster exit/;

/**
 * Opens the log of a server anew, for its standard output. The processes of one that was killed still write to it: all
 * append, so that nobody writes over the words of another, or leaves a hole.
 */
export function openLog(file: string): number {
  const log = openSync(file, 'a', 0o600);
  ftruncateSync(log);
  return log;
}

/** The last that a server wrote since its log was opened; empty when it wrote nothing. */
export function lastWords(file: string): string {
  if (!existsSync(file)) return '';
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines
    .filter((line) => !farewell.test(line))
    .join('\n')
    .slice(-longest);
}

/** Why a server ended, in one line: the last thing that it gave up for. */
export function reasonIn(file: string): string {
  const lines = lastWords(file)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const grave = lines.filter((line) => /\b(FATAL|PANIC):/.test(line));
  const reason = grave.at(-1) ?? lines.at(-1) ?? 'it wrote nothing';
  return `${reason.trim()} (see ${file})`;
}
