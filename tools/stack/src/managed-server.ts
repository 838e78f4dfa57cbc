import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  end,
  isRunning,
  makeFolder,
  type ProcessRecord,
  recordOf,
  removeDrafts,
  signalTo,
} from '@waybill/local-files';
import { certificatesIn } from './certificates.ts';
import type { Missing } from './missing.ts';
import { chosenPorts, freePorts, type Ports, requireFree } from './port.ts';
import type { ServerName } from './server-name.ts';
import { readRecord, removeFolder, type ServerRecord, writeRecord } from './server-record.ts';
import type { Place, Server } from './servers/server.ts';
import type { Users } from './users.ts';

/** Options for starting the servers of a stack. */
export interface UpOptions {
  /** Ports by server, or by `<server>.<role>`. */
  readonly ports?: ReadonlyMap<string, number>;
  /** Use free ports instead of the defaults, for a server that has no ports yet. */
  readonly freePorts?: boolean;
  /** Clients must log in; default false. */
  readonly secure?: boolean;
  /** Clients of all servers but the SNS/SQS emulator connect by TLS; default false. */
  readonly tls?: boolean;
  /** Called with each step, one line at a time. */
  readonly progress?: (server: ServerName, line: string) => void;
}

export type ServerState = 'up' | 'silent' | 'down' | 'crashed' | 'not installed';

/** The status of a server. */
export interface ServerStatus {
  readonly name: ServerName;
  /** `silent`: it runs and does not respond; `crashed`: it was started, and ended without `down`. */
  readonly state: ServerState;
  readonly version: string;
  readonly pid: number | undefined;
  readonly ports: Ports;
  readonly url: string;
  readonly missing: Missing | undefined;
}

const startPatience = 120_000;

/** One server of one stack: its folder, record and processes. */
export class ManagedServer {
  readonly folder: string;

  constructor(
    readonly server: Server,
    private readonly stackFolder: string,
    private readonly cache: string,
    private readonly users: () => Users,
  ) {
    this.folder = join(stackFolder, server.name);
  }

  /** Starts it, or keeps it when it already runs; resolves when it serves clients. */
  async up(options: UpOptions): Promise<void> {
    const say = (line: string): void => options.progress?.(this.server.name, line);
    const before = readRecord(this.folder);
    const running = this.main();
    if (before && running) {
      refuseOtherMode(before, options);
      await this.untilItAnswers(before, running);
      await this.furnish(before, say);
      return say(`runs already on port ${before.ports['main']}`);
    }
    await this.endStrays();
    const began = performance.now();
    const ports = await this.portsFor(options, before);
    await requireFree(this.server.name, this.portsToTake(ports));
    const record: ServerRecord = {
      version: await this.server.version(),
      ports,
      secure: options.secure ?? before?.secure ?? false,
      tls: options.tls ?? before?.tls ?? false,
      processes: this.processes().filter(isRunning),
    };
    say(`starting ${record.version} on port ${ports['main']}`);
    await this.start(record, say);
    say(`ready after ${((performance.now() - began) / 1000).toFixed(1)} s`);
  }

  /** Ends its processes, gently first, and keeps its data. True when there was something to end. */
  async down(): Promise<boolean> {
    const running = this.processes().filter(isRunning).reverse();
    for (const record of running) await end(record, this.server.ending);
    const strays = await this.endStrays();
    const record = readRecord(this.folder);
    if (record) writeRecord(this.folder, { ...record, processes: [] });
    return running.length > 0 || strays;
  }

  /** Ends it and removes its data; the next start is empty. */
  async reset(): Promise<boolean> {
    const ended = await this.down();
    removeFolder(this.folder);
    return ended;
  }

  /** Signals the main process: `SIGKILL` is a crash, `SIGSTOP` and `SIGCONT` freeze and thaw it. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    const main = this.main();
    if (!main) throw new Error(`${this.server.name} does not run`);
    signalTo(main, signal);
    if (signal === 'SIGKILL') await end(main, [['SIGKILL', 10_000]]);
  }

  async status(): Promise<ServerStatus> {
    const record = readRecord(this.folder);
    const main = this.main();
    const missing = this.server.missing(this.cache);
    const ports = record?.ports ?? this.server.ports;
    const installed = missing === undefined;
    return {
      name: this.server.name,
      state: await this.state(record, main, installed),
      version: installed ? (record?.version ?? (await this.server.version())) : '',
      pid: main?.pid,
      ports,
      url: record ? this.server.url(this.place(record)) : '',
      missing,
    };
  }

  /** What clients need to connect; empty when the server was never started here. */
  environment(service?: string): Readonly<Record<string, string>> {
    const record = readRecord(this.folder);
    return record ? this.server.environment(this.place(record), service) : {};
  }

  missing(): Missing | undefined {
    return this.server.missing(this.cache);
  }

  get logFile(): string {
    return this.server.logFile(this.folder);
  }

  private async start(record: ServerRecord, say: (line: string) => void): Promise<void> {
    makeFolder(this.folder);
    removeDrafts(this.folder);
    let kept = record;
    writeRecord(this.folder, kept);
    await this.server.start(this.place(record, say), (name, pid) => {
      const started = recordOf(name, pid);
      if (started) kept = { ...kept, processes: [...kept.processes, started] };
      writeRecord(this.folder, kept);
    });
    const main = this.main();
    if (!main) throw new Error(`it ended at once:\n${this.lastWords()}`);
    await this.untilItAnswers(record, main);
    await this.furnish(record, say);
  }

  private async untilItAnswers(record: ServerRecord, main: ProcessRecord): Promise<void> {
    const place = this.place(record);
    const deadline = performance.now() + startPatience;
    while (!(await this.server.answers(place).catch(() => false))) {
      if (!isRunning(main)) throw new Error(`it ended while it started:\n${this.lastWords()}`);
      if (performance.now() > deadline) {
        throw new Error(`it does not answer after ${startPatience / 1000} s; see ${this.logFile}`);
      }
      await pause(100);
    }
  }

  private async furnish(record: ServerRecord, say: (line: string) => void): Promise<void> {
    await this.server.furnish?.(this.place(record, say));
  }

  private async portsFor(options: UpOptions, before: ServerRecord | undefined): Promise<Ports> {
    const asked = options.ports ?? new Map();
    const known =
      before?.ports ??
      (options.freePorts ? await freePorts(Object.keys(this.server.ports)) : undefined);
    return chosenPorts(this.server.name, this.server.ports, asked, known);
  }

  /** Without the ports of helpers that outlived their server. */
  private portsToTake(ports: Ports): Ports {
    const helpers = new Set(
      this.processes()
        .filter(isRunning)
        .map(({ name }) => name),
    );
    return Object.fromEntries(Object.entries(ports).filter(([role]) => !helpers.has(role)));
  }

  private async endStrays(): Promise<boolean> {
    const strays = (this.server.strays?.({ folder: this.folder }) ?? []).flatMap(
      (pid) => recordOf('main', pid) ?? [],
    );
    for (const record of strays) await end(record, this.server.ending);
    return strays.length > 0;
  }

  private async state(
    record: ServerRecord | undefined,
    main: ProcessRecord | undefined,
    installed: boolean,
  ): Promise<ServerState> {
    if (record && main) {
      const answers = await this.server.answers(this.place(record)).catch(() => false);
      return answers ? 'up' : 'silent';
    }
    if (record?.processes.some(({ name }) => name === 'main')) return 'crashed';
    return installed ? 'down' : 'not installed';
  }

  private processes(): readonly ProcessRecord[] {
    return readRecord(this.folder)?.processes ?? [];
  }

  private main(): ProcessRecord | undefined {
    return this.processes().find((process) => process.name === 'main' && isRunning(process));
  }

  private place(record: ServerRecord, progress: (line: string) => void = () => {}): Place {
    const { ports, secure, tls } = record;
    const { folder, cache } = this;
    const certificates = tls ? certificatesIn(this.stackFolder) : undefined;
    return { folder, cache, ports, secure, certificates, progress, users: this.users() };
  }

  private lastWords(): string {
    const text = existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8') : '';
    return text.trimEnd().split('\n').slice(-8).join('\n');
  }
}

/** Users and TLS can be changed only while the server is down. */
function refuseOtherMode(record: ServerRecord, { secure, tls }: UpOptions): void {
  if (secure !== undefined && secure !== record.secure) {
    throw new Error(`it runs ${record.secure ? 'with' : 'without'} users: ${endItFirst}`);
  }
  if (tls !== undefined && tls !== (record.tls ?? false)) {
    throw new Error(`it runs ${record.tls ? 'with' : 'without'} TLS: ${endItFirst}`);
  }
}

const endItFirst = 'end it first (npm run stack -- down)';
