import { readFileSync } from 'node:fs';

/**
 * The memory of this process that only its end gives back, in bytes: what a container is ended for. It has not the files of the
 * program, which are mapped. Linux tells it (`RssAnon`, proc_pid_status(5)); elsewhere it is all resident memory.
 */
export function anonymousMemory(readStatus = readOwnStatus): number {
  const [, kilobytes] = /^RssAnon:\s+(\d+) kB$/m.exec(readStatus()) ?? [];
  return kilobytes === undefined ? process.memoryUsage.rss() : Number(kilobytes) * 1_024;
}

function readOwnStatus(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8');
  } catch {
    return '';
  }
}
