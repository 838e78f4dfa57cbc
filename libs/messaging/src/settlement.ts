import type { Asks } from './asks.ts';
import type { BatchLoop } from './batch-loop.ts';
import type { Clock } from './clock.ts';
import type { HeardHandlers } from './heard-handlers.ts';
import type { ConsumerObserver } from './observer.ts';
import type { ParkedKeys } from './parked-keys.ts';
import type { ParkedTurns } from './parked-turns.ts';
import { type Result, waits } from './result.ts';
import type { ParkedRow } from './store.ts';
import { isTakenAgain, type Work } from './work.ts';

export interface SettlementOptions {
  readonly clock: Clock;
  readonly observer: ConsumerObserver;
  readonly handlers: HeardHandlers;
  readonly parkedKeys: ParkedKeys;
  readonly turns: ParkedTurns;
  readonly asks: Asks;
  readonly loop: BatchLoop;
  /** Whether its shard is owned as it was when the message was taken. */
  readonly isOurs: (work: Work) => boolean;
  readonly isStopping: () => boolean;
}

/** What follows for a message and its key when its batch is committed, or when it is let go without. */
export class Settlement {
  constructor(private readonly options: SettlementOptions) {}

  settled(result: Result): void {
    const { work, outcome } = result;
    const { handlers, parkedKeys, turns, isOurs } = this.options;
    // Of a shard that was lost meanwhile, the database was asked again: its rows are counted already.
    if (isOurs(work)) parkedKeys.change(work.keyId, work.shard, result.parkedChange);
    if (work.envelope && outcome !== 'left' && outcome !== 'unasked') this.report(result);
    if (work.origin.from === 'broker' && outcome !== 'unasked') work.origin.delivery.ack();
    if (work.origin.from === 'caller') answer(result);
    if (work.origin.from === 'parked') turns.letGo(work.origin.row);
    if (waits(result) && work.origin.from === 'parked') this.letGoBehind(work);
    if (handlers.asks(work.group)) this.settledAsk(result);
    if (result.retryAt !== undefined) turns.pollAt(result.retryAt);
    const parked = parkedKeys.on(work.keyId);
    if (isThrough(outcome) && parked > 0) turns.drain(work);
    // Those it was to wait behind are through by now: nobody else would take it.
    else if (work.behind && parked === 1) turns.drain(work);
  }

  /** It is not ours any more, or nobody waits for it: nothing was written. */
  dropped(work: Work): void {
    if (work.origin.from === 'parked') {
      this.options.turns.letGo(work.origin.row);
      this.letGoBehind(work);
      this.setBehind(this.options.asks.parked(work));
    } else this.options.asks.done(work);
  }

  private settledAsk(result: Result): void {
    const { work, outcome } = result;
    const { asks } = this.options;
    if (work.behind) return;
    if (outcome === 'unasked') asks.enter(work);
    else if (waits(result)) this.setBehind(asks.parked(work));
    else asks.done(work);
    if (result.asking) asks.whenAnswered(work, (settled) => this.answeredLate(settled));
  }

  /** Newcomers are parked behind the one that was; what is parked already is taken again when it is its turn. */
  private setBehind(works: readonly Work[]): void {
    for (const work of works) {
      if (work.origin.from === 'parked') this.options.turns.letGo(work.origin.row);
      else {
        if (work.origin.from === 'broker') work.behind = true;
        this.options.loop.add(work);
      }
    }
  }

  /** The message waits in the database: those parked behind it must not be taken before it. */
  private letGoBehind({ keyId }: Work): void {
    const behind = this.options.loop.takeOut((work) => work.keyId === keyId && isTakenAgain(work));
    for (const work of behind) this.setBehind([work, ...this.options.asks.parked(work)]);
  }

  /** Its ask settled after it was parked: it goes on from its parked row, with the answer in hand. */
  private answeredLate(work: Work): void {
    const { group, shard, channel, body, attempt, firstAt, envelope } = work;
    if (!envelope || this.options.isStopping() || !this.options.isOurs(work)) return;
    const row: ParkedRow = {
      group,
      shard,
      channel,
      body,
      attempt,
      firstAt: new Date(firstAt).toISOString(),
      messageId: envelope.id,
      key: envelope.key,
      dueAt: null,
      reason: 'asking',
      error: null,
    };
    this.options.turns.hold(row);
    this.options.loop.add({ ...work, origin: { from: 'parked', row } });
  }

  private report({ work, outcome }: Result): void {
    this.options.observer.finished({
      group: work.group,
      type: work.envelope?.type ?? 'unreadable',
      channel: work.channel,
      outcome: outcome as 'applied',
      attempt: work.attempt,
      durationMs: this.options.clock.now().getTime() - work.arrivedAt,
    });
  }
}

function answer(result: Result): void {
  if (result.work.origin.from !== 'caller') return;
  if (result.error !== undefined) result.work.origin.reject(result.error);
  else result.work.origin.resolve(result.answer);
}

/** The message will never be handled again, so those behind it may go. */
const isThrough = (outcome: Result['outcome']): boolean =>
  outcome === 'applied' || outcome === 'dead' || outcome === 'discarded';
