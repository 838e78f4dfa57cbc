import type { Clock } from './clock.ts';
import type { ConsumerObserver } from './observer.ts';
import type { ParkedKeys } from './parked-keys.ts';
import type { ParkedRow, Store } from './store.ts';
import type { Work } from './work.ts';

export interface ParkedTurnsOptions {
  readonly store: Pick<Store, 'due' | 'parkedOf'>;
  readonly clock: Clock;
  readonly observer: ConsumerObserver;
  readonly parkedKeys: ParkedKeys;
  readonly groups: () => Iterable<string>;
  /** The shards of a group that are ours. */
  readonly shardsOf: (group: string) => readonly number[];
  readonly take: (row: ParkedRow) => void;
  /** What is remembered of the keys of a group is wrong: they must be counted again. */
  readonly miscounted: (group: string) => void;
}

const pollEvery = 1_000;
const pollGrain = 50;
const most = 200;

/** Takes parked messages up again when it is their turn: when they are due, or when what was before them is through. */
export class ParkedTurns {
  private readonly inHand = new Set<string>();
  private readonly timers = new Set<() => void>();
  private readonly polls = new Set<number>();
  /** The last look did not see all that was due. */
  private more = false;
  private stopped = false;

  constructor(private readonly options: ParkedTurnsOptions) {}

  /** Looks once a second, until `stop`. */
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

  /** Looks now for messages that are due. */
  async poll(): Promise<void> {
    for (const group of this.options.groups()) {
      const shards = this.options.shardsOf(group);
      if (shards.length === 0 || this.stopped) continue;
      try {
        const due = await this.options.store.due(group, shards, most);
        this.more ||= due.length === most;
        this.takeAll(due);
      } catch (error) {
        this.options.observer.trouble({ what: 'due messages could not be read', group, error });
      }
    }
  }

  /** Looks at about that time. Retries that fall due at nearly the same moment are looked for once. */
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

  /** The first of a key is through: those parked behind it may go, in their order. */
  drain({ group, keyId, envelope }: Work): void {
    if (!envelope) return;
    void this.options.store
      .parkedOf(group, envelope.key, most)
      .then((rows) => {
        if (rows.length === 0 && this.options.parkedKeys.on(keyId) > 0)
          this.options.miscounted(group);
        this.takeAll(this.upToWaiting(rows));
      })
      .catch((error: unknown) =>
        this.options.observer.trouble({ what: 'parked messages could not be read', error }),
      );
  }

  /** It is being handled: it must not be taken a second time. */
  hold(row: ParkedRow): void {
    this.inHand.add(nameOf(row));
  }

  letGo(row: ParkedRow): void {
    this.inHand.delete(nameOf(row));
    if (!this.more || this.inHand.size > most / 2) return;
    this.more = false;
    this.pollAt(this.options.clock.now().getTime());
  }

  private takeAll(rows: readonly ParkedRow[]): void {
    for (const row of rows) {
      if (this.inHand.has(nameOf(row)) || this.stopped) continue;
      this.hold(row);
      this.options.take(row);
    }
  }

  /** A message that is held, asking, not due yet or in hand keeps those behind it. */
  private upToWaiting(rows: readonly ParkedRow[]): readonly ParkedRow[] {
    const now = this.options.clock.now().getTime();
    const stop = rows.findIndex(
      (row) =>
        row.reason === 'held' ||
        row.reason === 'asking' ||
        (row.dueAt !== null && Date.parse(row.dueAt) > now) ||
        this.inHand.has(nameOf(row)),
    );
    return stop < 0 ? rows : rows.slice(0, stop);
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

const nameOf = (row: Pick<ParkedRow, 'group' | 'messageId'>): string =>
  `${row.group}/${row.messageId}`;
