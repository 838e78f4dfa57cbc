import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** The program that listens on a local port, as `java (process 4711)`; undefined when this user cannot see it. */
export function holderOf(port: number): string | undefined {
  try {
    return existsSync('/proc/net/tcp') ? holderByProc(port) : holderByLsof(port);
  } catch {
    return undefined;
  }
}

const listening = '0A';

/** The inodes of the sockets that listen on a port, from lines such as those of `/proc/net/tcp`. */
export function inodesOf(table: string, port: number): string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    return local.endsWith(wanted) && state === listening && inode ? [inode] : [];
  });
}

/** The process that listens on a local port; undefined without /proc, or when there is none. */
export function processOn(port: number): number | undefined {
  try {
    return pidByProc(port);
  } catch {
    return undefined;
  }
}

function holderByProc(port: number): string | undefined {
  const pid = pidByProc(port);
  if (pid === undefined) return undefined;
  // The executable, because the process name may be that of a thread, as with Node.js 24.
  const program = basename(readlinkSync(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, '');
  return `${program} (process ${pid})`;
}

function pidByProc(port: number): number | undefined {
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].filter((file) => existsSync(file));
  const links = new Set(
    tables
      .flatMap((file) => inodesOf(readFileSync(file, 'utf8'), port))
      .map((inode) => `socket:[${inode}]`),
  );
  if (links.size === 0) return undefined;
  const pid = readdirSync('/proc').find(
    (name) => /^\d+$/.test(name) && socketsOf(name).some((link) => links.has(link)),
  );
  return pid ? Number(pid) : undefined;
}

function socketsOf(pid: string): string[] {
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).flatMap((file) => {
      try {
        return [readlinkSync(`${folder}/${file}`)];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

function holderByLsof(port: number): string | undefined {
  const lines = execFileSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], {
    encoding: 'utf8',
    stdio: 'pipe',
  }).split('\n');
  const field = (letter: string): string | undefined =>
    lines.find((line) => line.startsWith(letter))?.slice(1);
  return field('p') && `${field('c') ?? 'a program'} (process ${field('p')})`;
}
