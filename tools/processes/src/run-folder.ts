import { existsSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  FolderInUse,
  FolderLock,
  isRunning,
  makeFolder,
  type ProcessRecord,
  readWhole,
  removeDrafts,
  writeWholeSync,
} from '@waybill/local-files';

/** The last known state of one process. */
export interface RunRecord {
  readonly instance: string;
  /** The name of the service, sandbox or gateway. */
  readonly name: string;
  readonly url: string;
  /** Undefined while it is down, before it is restarted. */
  readonly process: ProcessRecord | undefined;
  /** How often it was restarted. */
  readonly restarts: number;
}

/** What a supervisor records for later commands. */
export interface SystemRecord {
  readonly supervisor: ProcessRecord;
  readonly url: string;
  readonly brokers: string;
  readonly runs: readonly RunRecord[];
}

/** The folder of one system of processes: its records, logs, and data that are not stored in servers. */
export class RunFolder {
  readonly path: string;
  private lock: FolderLock | undefined;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** Creates it, readable by its owner only: it contains connection strings and the key of the development issuer. */
  make(): void {
    makeFolder(dirname(this.path));
    makeFolder(this.path, 0o700);
    makeFolder(join(this.path, 'held'), 0o700);
  }

  /** Creates and locks it until `letGo` or `clear`. Throws a one-line error when another system holds it. */
  async hold(): Promise<void> {
    this.make();
    try {
      this.lock = await FolderLock.take(this.path);
      removeDrafts(this.path);
    } catch (error) {
      if (!(error instanceof FolderInUse)) throw error;
      throw new Error(`${error.message}: stop it, or choose another folder with --data`);
    }
  }

  file(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  logFile(instance: string): string {
    return this.file(`${instance}.log`);
  }

  /** While this file exists, the process is not restarted; for tests that need it to stay down. */
  holdFile(instance: string): string {
    return this.file('held', instance);
  }

  isHeld(instance: string): boolean {
    return existsSync(this.holdFile(instance));
  }

  /** The record of this folder's system, running or crashed; undefined after an orderly stop and before the first start. */
  read(): SystemRecord | undefined {
    return readWhole(
      this.file('system.json'),
      (text) => JSON.parse(text) as SystemRecord,
      'end what still runs of that system, then remove the file',
    );
  }

  /** The system of this folder while its supervisor lives. */
  running(): SystemRecord | undefined {
    const found = this.read();
    return found && isRunning(found.supervisor) ? found : undefined;
  }

  write(record: SystemRecord): void {
    this.replace('system.json', record);
  }

  /** Writes the file that `npm run verify:invariants` reads. */
  announce(where: object): void {
    this.replace('running.json', where);
  }

  /** Releases the lock. */
  letGo(): void {
    this.lock?.release();
  }

  /** Removes the records and releases the lock, after everything has stopped. */
  clear(): void {
    for (const name of ['system.json', 'running.json']) rmSync(this.file(name), { force: true });
    rmSync(this.file('held'), { recursive: true, force: true });
    this.letGo();
  }

  /** Readable by its owner only. */
  private replace(name: string, value: object): void {
    writeWholeSync(this.file(name), `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  }
}
