import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import type { Ports } from './port.ts';
import type { ProcessRecord } from './process-record.ts';

/** What is kept of a server between two commands, in `server.json` of its folder. */
export interface ServerRecord {
  readonly version: string;
  readonly ports: Ports;
  readonly secure: boolean;
  /** Its clients come by TLS. */
  readonly tls?: boolean;
  /** In the order in which they were started; `main` is the server. */
  readonly processes: readonly ProcessRecord[];
}

const fileIn = (folder: string): string => join(folder, 'server.json');

/** Undefined for a server that was never started here; a file that cannot be read counts as none. */
export function readRecord(folder: string): ServerRecord | undefined {
  if (!existsSync(fileIn(folder))) return undefined;
  try {
    return JSON.parse(readFileSync(fileIn(folder), 'utf8')) as ServerRecord;
  } catch {
    return undefined;
  }
}

/** Replaces the file at once, so that a reader never sees half of it. */
export function writeRecord(folder: string, record: ServerRecord): void {
  mkdirSync(folder, { recursive: true });
  const made = `${fileIn(folder)}.${process.pid}`;
  writeFileSync(made, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(made, fileIn(folder));
}

/** Removes a server with all that it keeps. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
