import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { afterAll, beforeAll, jest } from '@jest/globals';
import { EmbeddedPostgres } from '@waybill/embedded-postgres';
import { programOf, RunFolder, type RunRecord } from '@waybill/processes';
import type { DatabaseUrls } from '../invariants/service-databases.ts';
import { verifyInvariants } from '../invariants/verify-invariants.ts';
import { Client, type OrderView } from './client.ts';
import { TestDataFolder } from './data-folder.ts';
import { eventually } from './eventually.ts';
import type { Settings } from './main-process.ts';
import { SandboxControl } from './sandbox-control.ts';
import { ordersAreAccepted, orderThatIs, type SystemUnderTest } from './system-under-test.ts';
import { isAlive } from './test-system.ts';
import { type User, Users } from './users.ts';

const main = programOf('processes');
const readyWithin = 180_000;
/** Sandboxes have no health check. */
const sandboxes: ReadonlySet<string> = new Set(['payment-provider', 'carriers', 'mail']);

export interface ProcessSystemOptions {
  /** The value of `BROKERS`; default `mixed`. */
  readonly brokers?: string;
  /** The number of processes per service, where it is not one. */
  readonly replicas?: Readonly<Record<string, number>>;
  /** Settings of every process; they override those of this process. */
  readonly env?: Settings;
}

/**
 * The whole system as processes on the real brokers of the tests' environment, in its own namespace
 * and with its own PostgreSQL. Processes that die are restarted.
 */
export class ProcessSystem implements SystemUnderTest {
  readonly data = new TestDataFolder();
  readonly sandboxes = new SandboxControl(() => this.data.whereabouts());
  private readonly folder = new RunFolder(this.data.path);
  private readonly users = new Users(() => this.url);
  /** The prefix of its topics, exchanges and queues. */
  readonly namespace = `e2e-${randomUUID().slice(0, 8)}`;
  private supervisor: ChildProcess | null = null;
  private postgres: EmbeddedPostgres | null = null;
  private lines: string[] = [];

  private constructor(private readonly options: ProcessSystemOptions) {}

  /** Resolves when every service is ready. */
  static async start(options: ProcessSystemOptions = {}): Promise<ProcessSystem> {
    const system = new ProcessSystem(options);
    try {
      await system.startPostgres();
      await system.start();
      return system;
    } catch (error) {
      await system.dispose();
      throw error;
    }
  }

  get url(): string {
    return this.data.whereabouts().url;
  }

  get databases(): DatabaseUrls {
    return this.data.whereabouts().databases;
  }

  /** The supervisor's output so far: which processes ended, and how. */
  get told(): string {
    return this.lines.join('');
  }

  as(user: User): Promise<Client> {
    return this.users.as(user);
  }

  anonymous(): Client {
    return this.users.anonymous();
  }

  /** A client of one process of a service, past the gateway. */
  at(name: string, replica = 1): Client {
    return new Client(this.run(name, replica).url);
  }

  reaches(client: Client, id: string, status: string): Promise<OrderView> {
    return orderThatIs(client, id, status);
  }

  verify(within?: number): Promise<string[]> {
    return verifyInvariants({
      databases: this.databases,
      readLedgers: () => this.sandboxes.ledgers(),
      ...(within === undefined ? {} : { within }),
    });
  }

  /** Restarts it after `stop`, on its databases, its brokers and free ports. */
  async start(): Promise<void> {
    const { brokers = 'mixed', replicas = {}, env = {} } = this.options;
    const counts = Object.entries(replicas).flatMap(([name, n]) => ['--replicas', `${name}=${n}`]);
    const words = ['--data', this.data.path, '--free-ports', '--brokers', brokers, ...counts];
    const supervisor = spawn(process.execPath, [main, 'supervise', ...words], {
      env: { ...this.given(), ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Ctrl-C ends the test, whose reaper ends this process.
      detached: true,
    });
    this.supervisor = supervisor;
    for (const output of [supervisor.stdout, supervisor.stderr]) {
      output?.setEncoding('utf8').on('data', (text: string) => this.lines.push(text));
    }
    const ready = new Promise<void>((resolve, reject) => {
      supervisor.on('message', ({ ready: url, failed }: { ready?: string; failed?: string }) => {
        if (url !== undefined) resolve();
        if (failed !== undefined) reject(new Error(failed));
      });
      supervisor.once('exit', () => reject(new Error(`the system did not start:\n${this.told}`)));
    });
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error(`not ready:\n${this.told}`)), readyWithin).unref();
    });
    await Promise.race([ready, late]);
  }

  /** Stops it in order; resolves with the supervisor's exit code. */
  async stop(): Promise<number | null> {
    const supervisor = this.supervisor;
    if (!supervisor || supervisor.exitCode !== null) return supervisor?.exitCode ?? null;
    supervisor.kill('SIGTERM');
    return new Promise((resolve) => {
      supervisor.once('exit', (code) => resolve(code));
    });
  }

  /** The current state of every process. */
  processes(): readonly RunRecord[] {
    return this.folder.read()?.runs ?? [];
  }

  /** The process id of a service, a sandbox or the gateway while it runs. */
  pid(name: string, replica = 1): number | undefined {
    const pid = this.run(name, replica).process?.pid;
    // The record of a process that has just died may not be written yet.
    return pid !== undefined && isAlive(pid) ? pid : undefined;
  }

  /** `kill -9`; the process is restarted after a moment, unless it is held. */
  async kill(name: string, replica = 1): Promise<void> {
    this.signal(name, replica, 'SIGKILL');
  }

  /** `kill -9`; the process stays down until `release`. */
  async killForGood(name: string, replica = 1): Promise<void> {
    writeFileSync(this.folder.holdFile(this.run(name, replica).instance), '');
    this.signal(name, replica, 'SIGKILL');
  }

  /** Ends the process in order; it stays down until `release`. */
  leave(name: string, replica = 1): void {
    writeFileSync(this.folder.holdFile(this.run(name, replica).instance), '');
    this.signal(name, replica, 'SIGTERM');
  }

  /** Allows a process to be restarted after `killForGood` or `leave`. */
  release(name: string, replica = 1): void {
    rmSync(this.folder.holdFile(this.run(name, replica).instance), { force: true });
  }

  /** Stops the process in the middle of its work, without its knowledge. */
  freeze(name: string, replica = 1): void {
    this.signal(name, replica, 'SIGSTOP');
  }

  /** Resumes a frozen process. */
  thaw(name: string, replica = 1): void {
    this.signal(name, replica, 'SIGCONT');
  }

  /** Resolves when a killed process is ready again, with another id than `before`. */
  restarted(name: string, replica: number, before: number | undefined): Promise<boolean> {
    return eventually(`${name}-${replica} is ready again`, async () => {
      const { process: found, url } = this.run(name, replica);
      if (!found || found.pid === before) return false;
      const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
      await answer.arrayBuffer();
      return answer.ok;
    });
  }

  /** Resolves when every service is ready and an order is accepted. */
  acceptsAgain(): Promise<void> {
    return ordersAreAccepted(this);
  }

  /** Resolves when every process runs and is ready. */
  async allReady(): Promise<void> {
    for (const { instance, name } of this.processes()) {
      const replica = instance === name ? 1 : Number(instance.slice(name.length + 1));
      if (!sandboxes.has(name)) await this.restarted(name, replica, undefined);
    }
  }

  /** Stops its PostgreSQL as an operator would. */
  async stopPostgres(): Promise<void> {
    await this.postgres?.stop();
  }

  /** Kills its PostgreSQL as in a crash. */
  async killPostgres(): Promise<void> {
    const ended = this.postgres?.ended;
    if (this.postgres) process.kill(this.postgres.pid, 'SIGKILL');
    await ended;
  }

  /** Starts its PostgreSQL, also after a crash, always on the same port. */
  async startPostgres(): Promise<void> {
    this.postgres = await EmbeddedPostgres.start({
      dataDir: this.data.file('postgres'),
      port: this.postgres?.port ?? 0,
      maxConnections: 400,
    });
  }

  /** Ends everything and removes the folder. */
  async dispose(): Promise<void> {
    for (const { instance } of this.processes()) {
      rmSync(this.folder.holdFile(instance), { force: true });
    }
    await this.stop();
    await this.postgres?.stop().catch(() => undefined);
    await this.data.remove();
  }

  private given(): NodeJS.ProcessEnv {
    const url = this.postgres?.url('postgres');
    return {
      ...process.env,
      BROKER_NAMESPACE: this.namespace,
      DATABASE_URL: url,
      LOG_LEVEL: 'warn',
      // Runs with faults take longer than a token lives otherwise.
      ACCESS_TOKEN_LIFE: '4h',
    };
  }

  private run(name: string, replica: number): RunRecord {
    const known = this.processes();
    const found =
      known.find(({ instance }) => instance === `${name}-${replica}`) ??
      known.find(({ instance }) => instance === name);
    if (found) return found;
    throw new Error(
      `no ${name}-${replica} runs: ${known.map(({ instance }) => instance).join(', ')}`,
    );
  }

  private signal(name: string, replica: number, signal: NodeJS.Signals): void {
    const pid = this.pid(name, replica);
    if (pid === undefined) throw new Error(`${name}-${replica} is down`);
    process.kill(pid, signal);
  }
}

/** One system of processes for all tests of a file; the returned function gives it. */
export function useProcesses(
  options: ProcessSystemOptions | (() => Promise<ProcessSystemOptions>) = {},
): () => ProcessSystem {
  let system: ProcessSystem | undefined;
  jest.setTimeout(600_000);
  beforeAll(async () => {
    system = await ProcessSystem.start(typeof options === 'function' ? await options() : options);
  });
  afterAll(() => system?.dispose());
  return () => {
    if (!system) throw new Error('the system has not started');
    return system;
  };
}
