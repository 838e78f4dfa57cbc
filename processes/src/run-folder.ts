import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { isRunning, type ProcessRecord } from '@waybill/stack';

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

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** Makes it, for its owner alone: it holds the key of the development issuer and connection strings. */
  make(): void {
    mkdirSync(join(this.path, 'held'), { recursive: true, mode: 0o700 });
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
    const file = this.file('system.json');
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as SystemRecord) : undefined;
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

  /** Nothing runs here any more. */
  clear(): void {
    for (const name of ['system.json', 'running.json']) rmSync(this.file(name), { force: true });
    rmSync(this.file('held'), { recursive: true, force: true });
  }

  /** At once, so that a reader never sees half of it; for its owner alone. */
  private replace(name: string, value: object): void {
    const made = this.file(`${name}.${process.pid}`);
    writeFileSync(made, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
    renameSync(made, this.file(name));
  }
}
