import { rmSync } from 'node:fs';
import process from 'node:process';
import { writeWholeSync } from '@waybill/local-files';
import type { DataFolder } from './data-folder.ts';
import type { Sandbox } from './sandboxes.ts';

/** The addresses of the running system, for tools that inspect it. */
export interface Whereabouts {
  readonly url: string;
  /** The connection string of each service's database. */
  readonly databases: Readonly<Record<string, string>>;
  readonly paymentProvider: Sandbox | null;
  readonly carriers: Sandbox | null;
  readonly mail: Sandbox | null;
}

/** Writes `running.json` into the data folder, readable by its owner only; call the returned function to remove it. */
export function announce(data: DataFolder, where: Whereabouts): () => void {
  const file = data.file('running.json');
  const { url, databases } = where;
  const sandboxes = {
    paymentProvider: shown(where.paymentProvider),
    carriers: shown(where.carriers),
    mail: shown(where.mail),
  };
  const text = JSON.stringify({ pid: process.pid, url, databases, sandboxes }, null, 2);
  writeWholeSync(file, `${text}\n`, { mode: 0o600 });
  return () => rmSync(file, { force: true });
}

const shown = (sandbox: Sandbox | null): object | null =>
  sandbox && { url: sandbox.url, pid: sandbox.pid };
