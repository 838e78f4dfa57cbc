import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, type ProcessRecord, readWhole, writeWholeSync } from '@waybill/local-files';
import type { Ports } from './port.ts';

/** What is stored about a server between two commands, in `server.json` of its folder. */
export interface ServerRecord {
  readonly version: string;
  readonly ports: Ports;
  readonly secure: boolean;
  /** Clients connect by TLS. */
  readonly tls?: boolean;
  /** In start order; `main` is the server. */
  readonly processes: readonly ProcessRecord[];
}

const fileIn = (folder: string): string => join(folder, 'server.json');

/** Undefined when the server was never started here. */
export const readRecord = (folder: string): ServerRecord | undefined =>
  readWhole(
    fileIn(folder),
    (text) => JSON.parse(text) as ServerRecord,
    'end what still runs of that server, then remove the file: it begins with its usual ports',
  );

/** Replaces the file atomically, so that readers never see a partial one. */
export function writeRecord(folder: string, record: ServerRecord): void {
  makeFolder(folder);
  writeWholeSync(fileIn(folder), `${JSON.stringify(record, null, 2)}\n`);
}

/** Removes a folder with all of its data. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
