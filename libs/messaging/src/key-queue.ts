import type { Clock } from './clock.ts';
import type { HeardHandlers } from './heard-handlers.ts';
import type { Ready } from './ready.ts';
import type { ParkedRow } from './store.ts';
import { isOurs, type Result, type Work, waits } from './work.ts';
import { parkedRow } from './work-rows.ts';

/** The messages of one key of a group with external calls: the first may call, the others wait for it. */
interface Line {
  first: Work;
  readonly waiting: Work[];
}

interface Count {
  readonly shard: number;
  count: number;
}

/**
 * All order per key of one consumer. A message in hand is in a line of its key, waiting for an external call before it or for
 * its own; ready for a batch; in a batch; or let go, because it is settled, deferred in the database, or another
 * owner's. Behind a deferred message newcomers of its key are deferred too, and they are taken again in their order.
 * It does nothing itself: what follows from a step is there to be taken, as ready messages, calls, and keys to read on.
 */
export class KeyQueue {
  private calls: Work[] = [];
  private freed: Work[] = [];
  private readonly lines = new Map<string, Line>();
  private readonly deferred = new Map<string, Count>();
  /** Deferred messages that are taken: none of them may be taken a second time. */
  private readonly taken = new Set<string>();

  constructor(
    private readonly clock: Clock,
    private readonly handlers: Pick<HeardHandlers, 'asks'>,
    private readonly ready: Ready,
  ) {}

  /** A message came: from a broker, from a caller, or from the table of deferred ones. */
  enter(work: Work): void {
    if (!this.handlers.asks(work.group)) this.add(work);
    else if (this.isBlocked(work) && !this.hasNewcomers(work.keyId)) this.addBehind(work);
    else this.enterLine(work);
  }

  /** Its external call has settled, lasts too long, or does not begin. */
  add(work: Work): void {
    this.ready.add(work);
  }

  /** Its batch is committed. */
  settled(result: Result): void {
    const { work } = result;
    // Of a shard that was lost meanwhile, the database was asked again: its rows are counted already.
    if (isOurs(work)) this.count(work, result.parkedChange);
    const stays = waits(result);
    if (work.origin.from === 'parked') {
      this.letGo(work.origin.row);
      if (stays) this.letGoBehind(work);
    }
    if (this.handlers.asks(work.group) && !work.behind) this.settleLine(result, stays);
    if (this.freesKey(result)) this.freed.push(work);
  }

  /** Of a batch, those that are ours still; the others are let go, for nothing was written of them. */
  keepOurs(works: readonly Work[]): readonly Work[] {
    const lostKeys = new Set<string>();
    return works.filter((work) => {
      // What is deferred behind a message that is let go must wait for it.
      const passes = lostKeys.has(work.keyId) && isTakenAgain(work);
      if (isOurs(work) && !passes) return true;
      lostKeys.add(work.keyId);
      this.drop(work);
      return false;
    });
  }

  /** It is another owner's, or nobody waits for it any more. */
  drop(work: Work): void {
    if (work.origin.from === 'parked') {
      this.letGo(work.origin.row);
      this.letGoBehind(work);
      this.putBehind(this.leaveLine(work));
    } else this.goOn(work);
  }

  /** Its call has settled after it was deferred: it goes on from its row, with the answer in hand. */
  answeredLate(work: Work): void {
    if (!work.envelope || !isOurs(work)) return;
    const row = parkedRow(work, { dueAt: null, reason: 'asking', error: null });
    this.taken.add(nameOf(row));
    this.add({ ...work, origin: { from: 'parked', row } });
  }

  /** Of deferred messages, takes those that are not taken yet. */
  take(rows: readonly ParkedRow[]): readonly ParkedRow[] {
    const free = rows.filter((row) => !this.taken.has(nameOf(row)));
    for (const row of free) this.taken.add(nameOf(row));
    return free;
  }

  /** Of all deferred messages of a key, in their order, takes those before the first that must wait for something. */
  takeTurns(keyId: string, group: string, rows: readonly ParkedRow[]): readonly ParkedRow[] {
    if (rows.length === 0 && this.deferredOn(keyId) > 0) this.ready.recountLater(group);
    const now = this.clock.now().getTime();
    const stop = rows.findIndex((row) => mustStay(row, now) || this.taken.has(nameOf(row)));
    return this.take(stop < 0 ? rows : rows.slice(0, stop));
  }

  /** How many deferred messages are taken. */
  get takenCount(): number {
    return this.taken.size;
  }

  /** How many messages are deferred on a key of a shard of ours; `keyId` is `group/key`. */
  deferredOn(keyId: string): number {
    return this.deferred.get(keyId)?.count ?? 0;
  }

  /** What the database says of the keys of one shard. */
  recount(group: string, shard: number, counts: ReadonlyMap<string, number>): void {
    for (const [keyId, known] of this.deferred)
      if (known.shard === shard && keyId.startsWith(`${group}/`)) this.deferred.delete(keyId);
    for (const [keyId, count] of counts) this.deferred.set(keyId, { shard, count });
  }

  /** Messages whose external calls are to begin. */
  takeCalls(): readonly Work[] {
    const calls = this.calls;
    if (calls.length > 0) this.calls = [];
    return calls;
  }

  get hasCalls(): boolean {
    return this.calls.length > 0;
  }

  /** Messages behind which others are deferred that may go on. */
  takeFreed(): readonly Work[] {
    const freed = this.freed;
    if (freed.length > 0) this.freed = [];
    return freed;
  }

  private isBlocked({ origin, keyId }: Work): boolean {
    return origin.from === 'broker' && this.deferredOn(keyId) > 0;
  }

  /** Whom one that is to be deferred must not pass. */
  private hasNewcomers(keyId: string): boolean {
    const line = this.lines.get(keyId);
    return line !== undefined && [line.first, ...line.waiting].some(isNewcomer);
  }

  private addBehind(work: Work): void {
    work.behind = true;
    this.add(work);
  }

  private enterLine(work: Work): void {
    const line = this.lines.get(work.keyId);
    if (line && line.first !== work) line.waiting.push(work);
    else {
      if (!line) this.lines.set(work.keyId, { first: work, waiting: [] });
      this.atFirst(work);
    }
  }

  private atFirst(work: Work): void {
    if (callsNothing(work) || !isOurs(work) || this.isBlocked(work)) this.add(work);
    else this.calls.push(work);
  }

  private settleLine({ work, outcome }: Result, stays: boolean): void {
    if (outcome === 'unasked') this.enterLine(work);
    else if (stays) this.putBehind(this.leaveLine(work));
    else this.goOn(work);
  }

  /** The first of a line is through: the next of its key may call. Others change nothing. */
  private goOn(work: Work): void {
    const line = this.lines.get(work.keyId);
    if (line?.first !== work) return;
    const next = line.waiting.shift();
    if (next) {
      line.first = next;
      this.atFirst(next);
    } else this.lines.delete(work.keyId);
  }

  /** The first of a line is deferred: takes out those that wait for it, so that none calls before it. */
  private leaveLine(work: Work): readonly Work[] {
    const line = this.lines.get(work.keyId);
    if (line?.first !== work) return [];
    this.lines.delete(work.keyId);
    return line.waiting;
  }

  /** Newcomers are deferred behind the one that was; what is deferred already is taken again when it is its turn. */
  private putBehind(works: readonly Work[]): void {
    for (const work of works) {
      if (work.origin.from === 'parked') this.letGo(work.origin.row);
      else if (work.origin.from === 'broker') this.addBehind(work);
      else this.add(work);
    }
  }

  /** The message stays in the database: those deferred behind it must not be handled before it. */
  private letGoBehind({ keyId }: Work): void {
    const behind = this.ready.takeOut((work) => work.keyId === keyId && isTakenAgain(work));
    for (const work of behind) this.putBehind([work, ...this.leaveLine(work)]);
  }

  private letGo(row: ParkedRow): void {
    this.taken.delete(nameOf(row));
  }

  private count({ keyId, shard }: Work, by: number): void {
    if (by === 0) return;
    const count = this.deferredOn(keyId) + by;
    if (count > 0) this.deferred.set(keyId, { shard, count });
    else this.deferred.delete(keyId);
  }

  /** It will never be handled again; or those it was to be deferred behind are through by now, and nobody would take it. */
  private freesKey({ work, outcome }: Result): boolean {
    const deferred = this.deferredOn(work.keyId);
    const isThrough = outcome === 'applied' || outcome === 'dead' || outcome === 'discarded';
    return (isThrough && deferred > 0) || (work.behind && deferred === 1);
  }
}

/** The order of keys within one batch: behind a message that stays, the others of its key stay too. */
export class BatchTurns {
  private readonly stopped = new Set<string>();
  private readonly newcomersStay = new Set<string>();

  constructor(private readonly queue: Pick<KeyQueue, 'deferredOn'>) {}

  mustStay({ origin, envelope, keyId, behind }: Work): boolean {
    if (origin.from === 'caller' || envelope === null) return false;
    if (this.stopped.has(keyId)) return true;
    if (origin.from !== 'broker') return false;
    return behind || this.newcomersStay.has(keyId) || this.queue.deferredOn(keyId) > 0;
  }

  /** It stays: all that come after it on its key stay. */
  stays({ keyId }: Work): void {
    this.stopped.add(keyId);
  }

  /** A newcomer is deferred behind others: so are the newcomers after it. */
  staysBehind({ keyId }: Work): void {
    this.newcomersStay.add(keyId);
  }
}

/** A deferred message that may be let go: it is taken again in its turn. One whose call is answered is taken only once. */
const isTakenAgain = ({ origin }: Work): boolean =>
  origin.from === 'parked' && origin.row.reason !== 'asking';

const isNewcomer = ({ origin }: Work): boolean => origin.from === 'broker';

const callsNothing = ({ handler, refusal, ask }: Work): boolean =>
  !handler?.options.ask || refusal !== undefined || ask.state !== 'none';

/** It waits for a person, for an answer or for its time, and keeps those behind it. */
const mustStay = ({ reason, dueAt }: ParkedRow, now: number): boolean =>
  reason === 'held' || reason === 'asking' || (dueAt !== null && Date.parse(dueAt) > now);

const nameOf = ({ group, messageId }: Pick<ParkedRow, 'group' | 'messageId'>): string =>
  `${group}/${messageId}`;
