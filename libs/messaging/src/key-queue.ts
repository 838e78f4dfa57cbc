import type { Clock } from './clock.ts';
import type { HandlersByGroup } from './handlers-by-group.ts';
import type { Ready } from './ready.ts';
import type { DeferredRow } from './store.ts';
import { isOurs, type Result, type Work, waits } from './work.ts';
import { deferredRow } from './work-rows.ts';

/** The messages of one key of a group with external calls: the first may call, the others wait for it. */
interface Line {
  first: Work;
  readonly waiting: Work[];
}

interface Count {
  readonly partition: number;
  count: number;
}

/**
 * Keeps the order per key of one consumer. An unsettled message waits in the line of its key for its own external
 * call or one before it; is ready for a batch; is in a batch; or is released, because it is settled, deferred in
 * the database, or another owner's. New messages of a key with a deferred message are deferred too, and taken
 * again in order. The queue starts nothing: its callers take ready messages, calls, and freed keys from it.
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
    private readonly handlers: Pick<HandlersByGroup, 'callsExternally' | 'isFaulty'>,
    private readonly ready: Ready,
  ) {}

  /** Adds a message from a broker, from a caller, or from the table of deferred messages. */
  enter(work: Work): void {
    // A fault that was set before may have begun a line.
    const hasLine = this.lines.size > 0 && this.lines.has(work.keyId);
    if (!hasLine && !this.handlers.callsExternally(work.group)) this.add(work);
    else if (this.isBlocked(work) && !this.hasNewcomers(work.keyId)) this.addBehind(work);
    else this.enterLine(work);
  }

  /** Makes a message ready: its external call has settled, takes too long, or is not made. */
  add(work: Work): void {
    this.ready.add(work);
  }

  /** The batch of the message is committed. */
  settled(result: Result): void {
    const { work } = result;
    // If the ownership of its partition has ended, the count was read again from the database and includes it.
    if (isOurs(work)) this.count(work, result.deferredChange);
    const stays = waits(result);
    if (work.origin.from === 'parked') {
      this.letGo(work.origin.row);
      if (stays) this.letGoBehind(work);
    }
    if (!work.blocked) this.settleLine(result, stays);
    if (this.freesKey(result)) this.freed.push(work);
  }

  /** Returns the messages of a batch that this process still owns; the others are dropped, and their new owner processes them. */
  keepOurs(works: readonly Work[]): readonly Work[] {
    const lostKeys = new Set<string>();
    return works.filter((work) => {
      // A message that is deferred behind a dropped one must wait for it.
      const passes = lostKeys.has(work.keyId) && isTakenAgain(work);
      if (isOurs(work) && !passes) return true;
      lostKeys.add(work.keyId);
      this.drop(work);
      return false;
    });
  }

  /** Releases a message that another process owns, or whose caller no longer waits. */
  drop(work: Work): void {
    if (work.origin.from === 'parked') {
      this.letGo(work.origin.row);
      this.letGoBehind(work);
      this.putBehind(this.leaveLine(work));
    } else this.goOn(work);
  }

  /** The call of a deferred message has settled: the message continues from its row, with the answer in memory. */
  answeredLate(work: Work): void {
    if (!work.envelope || !isOurs(work)) return;
    const row = deferredRow(work, { dueAt: null, reason: 'asking', error: null });
    this.taken.add(nameOf(row));
    this.add({ ...work, origin: { from: 'parked', row } });
  }

  /** Takes those of the deferred messages that are not taken yet. */
  take(rows: readonly DeferredRow[]): readonly DeferredRow[] {
    const free = rows.filter((row) => !this.taken.has(nameOf(row)));
    for (const row of free) this.taken.add(nameOf(row));
    return free;
  }

  /** Takes the deferred messages of a key before the first that must wait; `rows` are all of them, in order. */
  takeTurns(keyId: string, group: string, rows: readonly DeferredRow[]): readonly DeferredRow[] {
    if (rows.length === 0 && this.deferredOn(keyId) > 0) this.ready.recountLater(group);
    const now = this.clock.now().getTime();
    const stop = rows.findIndex((row) => mustStay(row, now) || this.taken.has(nameOf(row)));
    return this.take(stop < 0 ? rows : rows.slice(0, stop));
  }

  get takenCount(): number {
    return this.taken.size;
  }

  /** How many messages are deferred on a key of an owned partition; `keyId` is `group/key`. */
  deferredOn(keyId: string): number {
    return this.deferred.get(keyId)?.count ?? 0;
  }

  /** Replaces the counts of one partition's keys with those of the database. */
  recount(group: string, partition: number, counts: ReadonlyMap<string, number>): void {
    for (const [keyId, known] of this.deferred)
      if (known.partition === partition && keyId.startsWith(`${group}/`))
        this.deferred.delete(keyId);
    for (const [keyId, count] of counts) this.deferred.set(keyId, { partition, count });
  }

  /** Removes and returns the messages whose external calls are to begin. */
  takeCalls(): readonly Work[] {
    const calls = this.calls;
    if (calls.length > 0) this.calls = [];
    return calls;
  }

  get hasCalls(): boolean {
    return this.calls.length > 0;
  }

  /** Removes and returns settled messages whose keys have deferred messages that may continue. */
  takeFreed(): readonly Work[] {
    const freed = this.freed;
    if (freed.length > 0) this.freed = [];
    return freed;
  }

  private isBlocked({ origin, keyId }: Work): boolean {
    return origin.from === 'broker' && this.deferredOn(keyId) > 0;
  }

  /** Whether new messages are in the line: a message that is to be deferred must not overtake them. */
  private hasNewcomers(keyId: string): boolean {
    const line = this.lines.get(keyId);
    return line !== undefined && [line.first, ...line.waiting].some(isNewcomer);
  }

  private addBehind(work: Work): void {
    work.blocked = true;
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
    const waits = !callsNothing(work) || this.isStruck(work);
    if (!waits || !isOurs(work) || this.isBlocked(work)) this.add(work);
    else this.calls.push(work);
  }

  private isStruck({ group, handler, refusal, call }: Work): boolean {
    if (refusal !== undefined || call.state !== 'none') return false;
    return handler?.contract.kind !== 'local' && this.handlers.isFaulty(group);
  }

  private settleLine({ work, outcome }: Result, stays: boolean): void {
    if (outcome === 'unasked') this.enterLine(work);
    else if (this.lines.size === 0) return;
    else if (stays) this.putBehind(this.leaveLine(work));
    else this.goOn(work);
  }

  /** The first of a line is done: the next message of its key may call. Other messages change nothing. */
  private goOn(work: Work): void {
    const line = this.lines.get(work.keyId);
    if (line?.first !== work) return;
    const next = line.waiting.shift();
    if (next) {
      line.first = next;
      this.atFirst(next);
    } else this.lines.delete(work.keyId);
  }

  /** The first of a line is deferred: removes and returns those that wait for it, so that none calls before it. */
  private leaveLine(work: Work): readonly Work[] {
    const line = this.lines.get(work.keyId);
    if (line?.first !== work) return [];
    this.lines.delete(work.keyId);
    return line.waiting;
  }

  /** Defers new messages behind the deferred one; messages that are deferred already are taken again in their turn. */
  private putBehind(works: readonly Work[]): void {
    for (const work of works) {
      if (work.origin.from === 'parked') this.letGo(work.origin.row);
      else if (work.origin.from === 'broker') this.addBehind(work);
      else this.add(work);
    }
  }

  /** The message stays in the database: releases the deferred messages after it, which must not be handled before it. */
  private letGoBehind({ keyId }: Work): void {
    const blocked = this.ready.takeOut((work) => work.keyId === keyId && isTakenAgain(work));
    for (const work of blocked) this.putBehind([work, ...this.leaveLine(work)]);
  }

  private letGo(row: DeferredRow): void {
    this.taken.delete(nameOf(row));
  }

  private count({ keyId, partition }: Work, by: number): void {
    if (by === 0) return;
    const count = this.deferredOn(keyId) + by;
    if (count > 0) this.deferred.set(keyId, { partition, count });
    else this.deferred.delete(keyId);
  }

  /** True if the message is done and others are deferred, or if it alone is left of the deferred: nothing else would take it. */
  private freesKey({ work, outcome }: Result): boolean {
    const deferred = this.deferredOn(work.keyId);
    const isThrough = outcome === 'applied' || outcome === 'dead' || outcome === 'discarded';
    return (isThrough && deferred > 0) || (work.blocked && deferred === 1);
  }
}

/** The order of keys within one batch: after a message that stays deferred, the later messages of its key stay too. */
export class BatchTurns {
  private readonly stopped = new Set<string>();
  private readonly newcomersStay = new Set<string>();

  constructor(private readonly queue: Pick<KeyQueue, 'deferredOn'>) {}

  mustStay({ origin, envelope, keyId, blocked }: Work): boolean {
    if (origin.from === 'caller' || envelope === null) return false;
    if (this.stopped.has(keyId)) return true;
    if (origin.from !== 'broker') return false;
    return blocked || this.newcomersStay.has(keyId) || this.queue.deferredOn(keyId) > 0;
  }

  /** The message stays: all later messages of its key stay. */
  stays({ keyId }: Work): void {
    this.stopped.add(keyId);
  }

  /** A new message is deferred behind others: so are the new messages after it. */
  staysBehind({ keyId }: Work): void {
    this.newcomersStay.add(keyId);
  }
}

/** A deferred message that may be released: it is taken again in its turn. One with an answered call is taken only once. */
const isTakenAgain = ({ origin }: Work): boolean =>
  origin.from === 'parked' && origin.row.reason !== 'asking';

const isNewcomer = ({ origin }: Work): boolean => origin.from === 'broker';

const callsNothing = ({ handler, refusal, call }: Work): boolean =>
  !handler?.options.call || refusal !== undefined || call.state !== 'none';

/** Waits for an operator, for an answer or for its due time, and blocks the messages after it. */
const mustStay = ({ reason, dueAt }: DeferredRow, now: number): boolean =>
  reason === 'held' || reason === 'asking' || (dueAt !== null && Date.parse(dueAt) > now);

const nameOf = ({ group, messageId }: Pick<DeferredRow, 'group' | 'messageId'>): string =>
  `${group}/${messageId}`;
