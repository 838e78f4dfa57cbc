import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { afterAll, beforeAll, jest } from '@jest/globals';
import { freePort } from '@waybill/embedded-postgres';
import { verifyInvariants } from '../invariants/verify-invariants.ts';
import type { Client, OrderView } from './client.ts';
import { TestDataFolder } from './data-folder.ts';
import { eventually } from './eventually.ts';
import { type Ending, MainProcess, type Settings } from './main-process.ts';
import { SandboxControl } from './sandbox-control.ts';
import { ordersAreAccepted, orderThatIs, type SystemUnderTest } from './system-under-test.ts';
import { type User, Users } from './users.ts';

const readyWithin = 60_000;

/** The whole system as users run it: the compiled all-in-one with its own data folder and port. */
export class TestSystem implements SystemUnderTest {
  readonly data = new TestDataFolder();
  readonly sandboxes = new SandboxControl(() => this.data.whereabouts());
  private readonly users = new Users(() => this.url);
  private main: MainProcess | null = null;

  private constructor(
    private readonly port: number,
    private readonly env: Settings,
  ) {}

  /** Resolves when every service is ready. */
  static async start(env: Settings = {}): Promise<TestSystem> {
    const system = new TestSystem(await freePort(0), env);
    try {
      await system.start();
      return system;
    } catch (error) {
      await system.dispose();
      throw error;
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What the process of this run has written to stderr. */
  get stderr(): string {
    return this.main?.stderr ?? '';
  }

  /** Restarts it on its folder and port. */
  async start(): Promise<void> {
    const main = new MainProcess({
      WAYBILL_DATA: this.data.path,
      PORT: String(this.port),
      // Runs with faults take longer than a token lives otherwise.
      ACCESS_TOKEN_LIFE: '4h',
      ...this.env,
    });
    this.main = main;
    const isReady = async () => {
      if (!main.isRunning) return true;
      const answer = await fetch(`${this.url}/health/ready`);
      await answer.arrayBuffer();
      return answer.ok;
    };
    await eventually('the system is ready', isReady, readyWithin).catch((cause: Error) => {
      throw new Error(`${cause.message}:\n${main.stderr}`, { cause });
    });
    if (!main.isRunning) throw new Error(`the system did not start:\n${main.stderr}`);
  }

  /** A client that is signed in as `user`. Tokens stay valid after a restart. */
  as(user: User): Promise<Client> {
    return this.users.as(user);
  }

  /** A client without a token. */
  anonymous(): Client {
    return this.users.anonymous();
  }

  /** `kill -9` of the system's process; PostgreSQL keeps running, and the sandboxes must end by themselves. */
  async kill9(): Promise<void> {
    const sandboxes = this.data.sandboxPids();
    await this.main?.signal('SIGKILL');
    await gone(sandboxes);
  }

  /** `kill -9` of everything: the system, its sandboxes, and all PostgreSQL processes. */
  async kill9All(): Promise<void> {
    const all = [...this.data.sandboxPids(), ...this.postgresPids()];
    for (const pid of all) kill9(pid);
    await this.kill9();
    await gone(all);
  }

  /** `kill -9` of PostgreSQL's main process, or of one of the sandboxes. */
  async kill9One(which: 'postgres' | 'paymentProvider' | 'carriers' | 'mail'): Promise<void> {
    const pid =
      which === 'postgres' ? this.data.postgresPid() : this.data.whereabouts().sandboxes[which].pid;
    kill9(pid);
    await gone(pid === undefined ? [] : [pid]);
  }

  /** Resolves when a new order is accepted. */
  acceptsAgain(): Promise<void> {
    return ordersAreAccepted(this);
  }

  /** Stops it with SIGTERM; resolves with how it ended. */
  async stop(): Promise<Ending> {
    if (!this.main) throw new Error('the system was never started');
    return this.main.signal('SIGTERM');
  }

  /** The violations once everything has settled; empty when all invariants hold. */
  verify(within?: number): Promise<string[]> {
    return verifyInvariants({
      databases: this.data.whereabouts().databases,
      readLedgers: () => this.sandboxes.ledgers(),
      ...(within === undefined ? {} : { within }),
    });
  }

  /** Ends everything and removes the folder. */
  async dispose(): Promise<void> {
    // The folder is removed, so a graceful shutdown is unnecessary.
    await this.main?.signal('SIGKILL');
    const left = [...this.postgresPids(), ...this.data.sandboxPids()];
    for (const pid of left) kill9(pid);
    await gone(left);
    await this.data.remove();
  }

  /** Resolves with the order once it has a status. */
  reaches(client: Client, id: string, status: string): Promise<OrderView> {
    return orderThatIs(client, id, status);
  }

  private postgresPids(): number[] {
    const first = this.data.postgresPid();
    return first === undefined ? [] : [first, ...childrenOf(first)];
  }
}

/** One system for all tests of a file; the returned function gives it. Tests may take minutes on a busy machine. */
export function useSystem(env: Settings | (() => Promise<Settings>) = {}): () => TestSystem {
  let system: TestSystem | undefined;
  jest.setTimeout(600_000);
  beforeAll(async () => {
    system = await TestSystem.start(typeof env === 'function' ? await env() : env);
  });
  afterAll(() => system?.dispose());
  return () => {
    if (!system) throw new Error('the system has not started');
    return system;
  };
}

function kill9(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const gone = (pids: readonly number[]): Promise<boolean> =>
  eventually(
    `processes ${pids.join(', ')} end`,
    async () => pids.every((pid) => !isAlive(pid)),
    20_000,
  );

/** Whether a process runs; one that has died and was not waited for does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !statOf(pid)?.startsWith('Z');
  } catch {
    return false;
  }
}

/** The process state and the fields after it; undefined without /proc. */
function statOf(pid: number | string): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2);
  } catch {
    return undefined;
  }
}

function childrenOf(parent: number): number[] {
  let pids: string[];
  try {
    pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
  return pids.filter((pid) => statOf(pid)?.split(' ')[1] === String(parent)).map(Number);
}
