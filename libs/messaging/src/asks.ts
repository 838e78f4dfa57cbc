import type { Clock } from './clock.ts';
import type { AskContext } from './handler.ts';
import { KeyLanes } from './key-lanes.ts';
import { refName, type StateRef } from './state.ts';
import type { Loaded } from './store.ts';
import type { Transacted } from './transactional.ts';
import type { Ask, Work } from './work.ts';

export interface AsksOptions {
  readonly clock: Clock;
  /** Milliseconds after which an unanswered message is parked, so that it holds no place at its broker. */
  readonly parkAfter: number;
  /** Loads states; waits while the database is away, and throws what it says of the data. */
  readonly load: (refs: readonly StateRef[]) => Promise<ReadonlyMap<string, Loaded>>;
  /** False when it is not its turn, because others of its key are parked, or when its shard was lost. */
  readonly mayAsk: (work: Work) => boolean;
  /** Runs a transactional handler. */
  readonly transact: (work: Work) => Promise<Transacted>;
  /** The work can go into a batch: it is answered, or it must be parked. */
  readonly ready: (work: Work) => void;
}

/** Every state that a message needs. A handler that cannot tell them fails its message, not the batch. */
export function refsOf(work: Work): StateRef[] {
  const { handler, data } = work;
  if (!handler || work.refusal !== undefined) return [];
  try {
    const { state, begins, also } = handler.options;
    const others = also?.(data) ?? [];
    if (!handler.home) return [...others];
    const home = handler.home.at(state(data));
    return [begins ? { ...home, isNew: true } : home, ...others];
  } catch (error) {
    work.refusal = error;
    return [];
  }
}

/**
 * Calls to the outside, before the decision and outside any transaction. An ask holds only its own key: the
 * messages of the key wait in line, all others pass. Groups without asks never come here.
 */
export class Asks {
  private readonly lanes = new KeyLanes<Work>();
  /** Kept after it has settled: that may happen while the message is being parked. */
  private readonly asked = new WeakMap<Work, Promise<void>>();
  private starting: Work[] = [];

  constructor(private readonly options: AsksOptions) {}

  /** Takes a message of a group that has asks; it becomes ready when it is its turn and its ask has settled. */
  enter(work: Work): void {
    if (this.lanes.isOut(work.keyId, work) || this.lanes.enter(work.keyId, work)) this.start(work);
  }

  /** Whether newcomers of its key are here, whom it must not pass. */
  hasNewcomers(keyId: string): boolean {
    return this.lanes.some(keyId, ({ origin }) => origin.from === 'broker');
  }

  /** The message is committed or dropped: the next of its key may start. */
  done(work: Work): void {
    const next = this.lanes.done(work.keyId, work);
    if (next) this.start(next);
  }

  /** The message is parked: takes out those who wait behind it, so that they are not asked before it. */
  parked(work: Work): readonly Work[] {
    return this.lanes.evict(work.keyId, work);
  }

  /** Hands the message of an ask that goes on to `again` once that has settled. */
  whenAnswered(work: Work, again: (work: Work) => void): void {
    void this.asked.get(work)?.then(() => again(work));
  }

  private start(work: Work): void {
    const asksNothing = !work.handler?.options.ask || work.refusal !== undefined;
    if (asksNothing || work.ask.state !== 'none' || !this.options.mayAsk(work)) {
      this.options.ready(work);
      return;
    }
    this.starting.push(work);
    if (this.starting.length === 1) queueMicrotask(() => this.startAll());
  }

  /** All asks of one turn share the read of their states. */
  private startAll(): void {
    const works = this.starting;
    this.starting = [];
    void this.load(works);
  }

  /** When their states cannot be read, each is read alone, so that only the one to blame fails. */
  private async load(works: readonly Work[]): Promise<void> {
    try {
      const states = await this.options.load(works.flatMap(refsOf));
      for (const work of works) this.ask(work, states);
    } catch (error) {
      if (works.length > 1) {
        for (const work of works) void this.load([work]);
        return;
      }
      for (const work of works) {
        work.ask = { state: 'failed', error };
        this.options.ready(work);
      }
    }
  }

  private ask(work: Work, states: ReadonlyMap<string, Loaded>): void {
    const read = <S extends object>(ref: StateRef<S>) =>
      states.get(refName(ref as unknown as StateRef))?.value as S | undefined;
    work.ask = { state: 'pending' };
    let handedOver = false;
    const handOver = (): void => {
      handedOver = true;
      this.options.ready(work);
    };
    // An open transaction holds the inbox row that parking would write, so its message is not parked.
    const { clock, parkAfter } = this.options;
    const forget = work.handler?.run ? () => {} : clock.after(parkAfter, handOver);
    const settled = this.call(work, read).then((ask) => {
      forget();
      work.ask = ask;
      if (!handedOver) this.options.ready(work);
    });
    this.asked.set(work, settled);
  }

  private async call(work: Work, read: AskContext['read']): Promise<Ask> {
    const { handler, data, envelope } = work;
    if (!handler?.options.ask || !envelope) throw new TypeError('only a readable message can ask');
    const ask = handler.options.ask;
    const state = handler.home ? read(handler.home.at(handler.options.state(data))) : undefined;
    try {
      return {
        state: 'answered',
        answer: handler.run
          ? await this.options.transact(work)
          : await ask(state, data, { message: envelope, read }),
      };
    } catch (error) {
      return { state: 'failed', error };
    }
  }
}
