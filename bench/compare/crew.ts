import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Addresses } from '../transports/open-transport.ts';
import type { Carrier } from './carrier.ts';
import { type Entry, entryFrom } from './entry.ts';
import type { PublishOrder, WorkerTask } from './worker.ts';

// Plain Node runs it, so this is always the build, even when this module runs from source.
const here = fileURLToPath(import.meta.url);
const worker = here.endsWith('.ts')
  ? join(here, '../../dist/compare/worker.js')
  : join(here, '../worker.js');

/** Milliseconds in which a process has to own all its partitions. */
const readyTime = 60_000;

/** What its processes do. */
export type Role = 'publisher' | 'consumer' | 'both';

/** The processes that publish and consume on one carrier under one namespace, and their records. */
export class Crew {
  private readonly members = new Set<ChildProcess>();

  constructor(
    private readonly carrier: Carrier,
    private readonly addresses: Addresses,
    private readonly namespace: string,
    private readonly folder: string,
  ) {}

  /** Starts a process; resolves when it can publish, and receives what is published from now on. */
  async start(role: Role): Promise<ChildProcess> {
    const task: WorkerTask = {
      carrier: this.carrier.name,
      namespace: this.namespace,
      received: role === 'publisher' ? null : this.path('received'),
      confirmed: role === 'consumer' ? null : this.path('confirmed'),
    };
    const child = fork(worker, [JSON.stringify(task)], {
      env: { ...this.addresses, WAYBILL_INSTANCE: `compare-${role}` },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: ['--no-warnings'],
    });
    this.members.add(child);
    await this.says(child, 'ready');
    return child;
  }

  /** Resolves when all is confirmed, or the publisher met an error or was killed. */
  async publish(publisher: ChildProcess, order: PublishOrder): Promise<void> {
    publisher.send(order);
    await Promise.race([once(publisher, 'message'), once(publisher, 'exit')]);
  }

  async kill(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async end(): Promise<void> {
    for (const child of this.members) await this.kill(child);
  }

  received(): Entry[] {
    return this.read('received');
  }

  confirmed(): Entry[] {
    return this.read('confirmed');
  }

  /** Resolves when a record has `count` lines, or got none for `patience` milliseconds. */
  async until(record: 'received' | 'confirmed', count: number): Promise<void> {
    await this.settles(record, () => this.read(record).length >= count);
  }

  /** Resolves when every confirmed message was received, or none was for `patience` milliseconds. */
  async untilReceived(): Promise<void> {
    await this.settles('received', () => {
      const seen = new Set(this.received().map(({ seq }) => seq));
      return this.confirmed().every(({ seq }) => seen.has(seq));
    });
  }

  private async settles(record: 'received' | 'confirmed', isDone: () => boolean): Promise<void> {
    let known = this.read(record).length;
    let deadline = performance.now() + this.carrier.patience;
    while (!isDone() && performance.now() < deadline) {
      await pause(20);
      const { length } = this.read(record);
      if (length > known) deadline = performance.now() + this.carrier.patience;
      known = length;
    }
  }

  private async says(child: ChildProcess, word: string): Promise<void> {
    const late = { signal: AbortSignal.timeout(readyTime) };
    const first = Promise.race([once(child, 'message', late), once(child, 'exit', late)]);
    const [message] = await first.catch(() => [`not ready after ${readyTime / 1_000} s`]);
    if (message !== word)
      throw new Error(`${this.carrier.title}: its process ended, or did not start (${message})`);
  }

  private read(record: string): Entry[] {
    const path = this.path(record);
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8').split('\n');
    // The last part is empty, or a line that a kill has cut off.
    return lines.slice(0, -1).map(entryFrom);
  }

  private path(record: string): string {
    return join(this.folder, `${this.namespace}.${record}`);
  }
}
