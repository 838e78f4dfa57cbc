import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, type ProcessRecord, readWhole, writeWholeSync } from '@waybill/local-files';
import type { Ports } from './port.ts';

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

/** Undefined for a server that was never started here. */
export const readRecord = (folder: string): ServerRecord | undefined =>
  readWhole(
    fileIn(folder),
    (text) => JSON.parse(text) as ServerRecord,
    'end what still runs of that server, then remove the file: it begins with its usual ports',
  );

/** Replaces the file at once, so that a reader never sees half of it. */
export function writeRecord(folder: string, record: ServerRecord): void {
  makeFolder(folder);
  writeWholeSync(fileIn(folder), `${JSON.stringify(record, null, 2)}\n`);
}

/** Removes a server with all that it keeps. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
