import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { recordOf } from '@waybill/local-files';
import type { Planned } from './plan.ts';
import type { RunFolder } from './run-folder.ts';
import { Supervised } from './supervised.ts';

export interface SupervisorOptions {
  readonly folder: RunFolder;
  readonly planned: readonly Planned[];
  readonly brokers: string;
  readonly say: (line: string) => void;
}

/** Milliseconds, slightly longer than a service needs at most to shut down. */
const patience = 11_000;
const readyWithin = 120_000;
const lookEvery = 100;

/** Runs the processes of a system: starts all at once, restarts them when they end, and stops the gateway first. */
export class Supervisor {
  private readonly runs: readonly Supervised[];

  constructor(private readonly options: SupervisorOptions) {
    const { folder, planned, say } = options;
    this.runs = planned.map(
      (each) => new Supervised(each, { folder, say, changed: () => this.write() }),
    );
  }

  /** The URL of the gateway. */
  get url(): string {
    return this.options.planned.find(({ role }) => role.kind === 'gateway')?.url ?? '';
  }

  /**
   * Resolves when the whole system is ready; rejects when a process ends before it listens, after two minutes, and with
   * the reason of `stopped` when that is aborted.
   */
  async start(stopped: AbortSignal): Promise<void> {
    stopped.throwIfAborted();
    for (const run of this.runs) run.start();
    this.announce();
    const late = AbortSignal.any([stopped, AbortSignal.timeout(readyWithin)]);
    await Promise.race([
      Promise.all(this.runs.map((run) => run.listening)).then(() => this.ready(late)),
      new Promise<never>((_, reject) => {
        late.addEventListener('abort', () =>
          reject(
            stopped.aborted
              ? stopped.reason
              : new Error(`the system is not ready after ${readyWithin / 1_000} s`),
          ),
        );
      }),
    ]);
  }

  /** The gateway first, then the services, then the sandboxes. */
  async stop(): Promise<void> {
    for (const kind of ['gateway', 'service', 'sandbox'] as const) {
      const group = this.runs.filter(({ planned }) => planned.role.kind === kind);
      await Promise.all(group.map((run) => run.stop(patience)));
    }
    this.options.folder.clear();
  }

  private async ready(late: AbortSignal): Promise<void> {
    while (!late.aborted) {
      const answer = await fetch(`${this.url}/health/ready`).catch(() => undefined);
      await answer?.arrayBuffer();
      if (answer?.ok) return;
      await wait(lookEvery);
    }
  }

  private write(): void {
    const supervisor = recordOf('supervisor', process.pid);
    if (!supervisor) return;
    const { folder, brokers } = this.options;
    folder.write({ supervisor, url: this.url, brokers, runs: this.runs.map((run) => run.record) });
  }

  private announce(): void {
    const { folder, planned } = this.options;
    const services = planned.filter(({ role }) => role.kind === 'service');
    const urlOf = (name: string) => ({
      url: planned.find(({ role }) => role.name === name)?.url ?? '',
    });
    folder.announce({
      pid: process.pid,
      url: this.url,
      databases: Object.fromEntries(
        services.map(({ role, env }) => [role.name, env['DATABASE_URL']]),
      ),
      sandboxes: {
        paymentProvider: urlOf('payment-provider'),
        carriers: urlOf('carriers'),
        mail: urlOf('mail'),
      },
    });
  }
}
