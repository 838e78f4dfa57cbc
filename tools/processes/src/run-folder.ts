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

/** One process of the system as it was last seen. */
export interface RunRecord {
  readonly instance: string;
  /** The service, sandbox or gateway that it is. */
  readonly name: string;
  readonly url: string;
  /** Undefined while it is down, between two lives. */
  readonly process: ProcessRecord | undefined;
  /** How often it was started again. */
  readonly restarts: number;
}

/** What a supervisor tells the commands that come later. */
export interface SystemRecord {
  readonly supervisor: ProcessRecord;
  readonly url: string;
  readonly brokers: string;
  readonly runs: readonly RunRecord[];
}

/** The folder of one system of processes: its records, its logs, and the data that are not in servers. */
export class RunFolder {
  readonly path: string;
  private lock: FolderLock | undefined;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** Makes it, for its owner alone: it holds the key of the development issuer and connection strings. */
  make(): void {
    makeFolder(dirname(this.path));
    makeFolder(this.path, 0o700);
    makeFolder(join(this.path, 'held'), 0o700);
  }

  /** Makes it and lets no other system have it, until `letGo` or `clear`. Throws one line. */
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

  /** While this file exists, the process is not started again: for tests that want it to stay away. */
  holdFile(instance: string): string {
    return this.file('held', instance);
  }

  isHeld(instance: string): boolean {
    return existsSync(this.holdFile(instance));
  }

  /** The system of this folder, running or crashed; undefined when it was stopped in order, or never started. */
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

  /** What `npm run verify:invariants` looks at. */
  announce(where: object): void {
    this.replace('running.json', where);
  }

  /** Lets another system have the folder. */
  letGo(): void {
    this.lock?.release();
  }

  /** Nothing runs here any more. */
  clear(): void {
    for (const name of ['system.json', 'running.json']) rmSync(this.file(name), { force: true });
    rmSync(this.file('held'), { recursive: true, force: true });
    this.letGo();
  }

  /** For its owner alone. */
  private replace(name: string, value: object): void {
    writeWholeSync(this.file(name), `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  }
}
