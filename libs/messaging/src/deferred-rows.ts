import type { Clock } from './clock.ts';
import type { Intake } from './intake.ts';
import type { KeyQueue } from './key-queue.ts';
import type { ConsumerObserver } from './observer.ts';
import type { Ownership } from './ownership.ts';
import type { DeferredRow, Store } from './store.ts';
import type { Work } from './work.ts';

export interface DeferredRowsOptions {
  readonly store: Pick<Store, 'due' | 'deferredOf'>;
  readonly clock: Clock;
  readonly observer: ConsumerObserver;
  readonly queue: Pick<KeyQueue, 'take' | 'takeTurns' | 'takeFreed' | 'takenCount'>;
  readonly ownership: Pick<Ownership, 'of' | 'fenceOf'>;
  readonly intake: Pick<Intake, 'deferred'>;
  readonly groups: readonly string[];
}

const pollEvery = 1_000;
const pollGrain = 50;
const most = 200;

/** Reads deferred messages when it is their turn: when they are due, or when the messages before them are settled. */
export class DeferredRows {
  private readonly timers = new Set<() => void>();
  private readonly polls = new Set<number>();
  /** The last poll may not have read all due messages. */
  private more = false;
  private stopped = false;

  constructor(private readonly options: DeferredRowsOptions) {}

  /** Polls once a second, until `stop`. */
  start(): void {
    this.at(pollEvery, () => {
      void this.poll();
      this.start();
    });
  }

  stop(): void {
    this.stopped = true;
    for (const cancel of this.timers) cancel();
  }

  /** Polls now for due messages. */
  async poll(): Promise<void> {
    const { groups, ownership, store, observer, queue } = this.options;
    for (const group of groups) {
      const partitions = ownership.of(group);
      if (partitions.length === 0 || this.stopped) continue;
      try {
        const due = await store.due(group, partitions, most);
        this.more ||= due.length === most;
        if (!this.stopped) this.enter(queue.take(due));
      } catch (error) {
        observer.trouble({ what: 'due messages could not be read', group, error });
      }
    }
  }

  /** Polls at about that time. Retries that fall due at nearly the same moment share one poll. */
  pollAt(time: number): void {
    const together = Math.ceil(time / pollGrain) * pollGrain;
    const wait = together - this.options.clock.now().getTime();
    if (wait > 2 * pollEvery || this.polls.has(together)) return;
    this.polls.add(together);
    this.at(Math.max(1, wait), () => {
      this.polls.delete(together);
      void this.poll();
    });
  }

  /** Continues after messages were settled: on freed keys, and with further due messages when few of the last poll are left. */
  goOn(): void {
    const { queue, clock } = this.options;
    for (const work of queue.takeFreed()) void this.readOn(work);
    if (!this.more || queue.takenCount > most / 2) return;
    this.more = false;
    this.pollAt(clock.now().getTime());
  }

  private async readOn({ group, keyId, envelope }: Work): Promise<void> {
    const { store, queue, observer } = this.options;
    if (!envelope) return;
    try {
      const rows = await store.deferredOf(group, envelope.key, most);
      if (!this.stopped) this.enter(queue.takeTurns(keyId, group, rows));
    } catch (error) {
      observer.trouble({ what: 'deferred messages could not be read', error });
    }
  }

  private enter(rows: readonly DeferredRow[]): void {
    const { intake, ownership } = this.options;
    for (const row of rows) intake.deferred(row, ownership.fenceOf(row.group, row.partition));
  }

  private at(ms: number, run: () => void): void {
    if (this.stopped) return;
    const cancel = this.options.clock.after(ms, () => {
      this.timers.delete(cancel);
      run();
    });
    this.timers.add(cancel);
  }
}
