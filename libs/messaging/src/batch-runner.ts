import { refsOf } from './asks.ts';
import { BatchBuilder, type BuilderOptions } from './batch-builder.ts';
import { Contention } from './contention.ts';
import type { ConsumerObserver } from './observer.ts';
import { type Result, waits } from './result.ts';
import { refName, type StateRef } from './state.ts';
import type { StateCache } from './state-cache.ts';
import {
  type Batch,
  BatchConflict,
  type Committed,
  type DeadRow,
  type Fence,
  type Loaded,
  type Relay,
  type Store,
} from './store.ts';
import { Unavailable } from './submitter.ts';
import { isTakenAgain, type Work } from './work.ts';
import { WorkingCopy } from './working-copy.ts';

export interface BatchRunnerOptions extends Omit<BuilderOptions, 'relay'> {
  readonly store: Store;
  readonly relay: Relay;
  readonly observer: ConsumerObserver;
  readonly cache: StateCache;
  /** Called for each message after the commit that covers it. */
  readonly settled: (result: Result) => void;
  /** Called for each message that is let go without a commit: it is not ours any more, or nobody waits for it. */
  readonly dropped: (work: Work) => void;
  /** Called with the dead letters of a commit. */
  readonly buried: (letters: readonly DeadRow[]) => void;
  /** Another process has taken the shard since it was ours by this fence. */
  readonly lost: (fence: Fence) => void;
  /** Whether its shard is owned as it was when the message was taken. */
  readonly isOurs: (work: Work) => boolean;
  readonly isStopping: () => boolean;
}

/** More on one key would have to be parked behind a message before it is overlooked. */
const mostParked = 10_000;

/** Races for a state that a batch may lose one after another. */
const racesLost = 20;

/** A batch ready to be written, and what follows when it is. */
interface Attempt {
  readonly builder: BatchBuilder;
  readonly batch: Batch;
}

/**
 * Brings messages to their commit: reruns what met a conflict, halves what the data make fail until the
 * message to blame stands alone, and holds everything while the database is away.
 */
export class BatchRunner {
  private backoff = 0;
  /** What became of messages if one of the commits succeeded whose answers were lost. */
  private readonly doubts = new WeakMap<Work, Result[]>();
  private inDoubt = false;
  private readonly contention = new Contention();

  constructor(private readonly options: BatchRunnerOptions) {}

  /** Resolves when every work is settled, dropped to another owner, or given back because the service stops. */
  async run(works: readonly Work[]): Promise<void> {
    let rest = this.ours(works);
    for (let races = 0; rest.length > 0; ) {
      try {
        await this.commit(rest, races === 0);
        this.backoff = 0;
        return;
      } catch (error) {
        if (isRace(error)) races += 1;
        rest = this.ours(await this.afterFailure(rest, races > racesLost ? endless(error) : error));
      }
    }
  }

  /** Without the messages of shards that were lost: another owner has them. */
  private ours(works: readonly Work[]): readonly Work[] {
    const lostKeys = new Set<string>();
    return works.filter((work) => {
      // What is parked behind a message that is dropped must wait for it.
      const passes = isTakenAgain(work) && lostKeys.has(work.keyId);
      if (this.options.isOurs(work) && !passes) return true;
      lostKeys.add(work.keyId);
      this.options.dropped(work);
      return false;
    });
  }

  /** Calls `read` until the database answers; throws when it refuses the data, or when the service stops. */
  async patiently<T>(read: () => Promise<T>): Promise<T> {
    for (let failures = 1; ; failures += 1) {
      try {
        return await read();
      } catch (error) {
        if (this.options.isStopping() || this.isOfData(error)) throw error;
        this.options.observer.trouble({ what: 'the database does not answer; holding', error });
        await this.pause(Math.min(2_000, 50 * 2 ** Math.min(failures, 6)));
      }
    }
  }

  /** `mayGuess`: states that are new as a rule are taken to be so; after a lost race they are read. */
  private async commit(works: readonly Work[], mayGuess: boolean): Promise<void> {
    const refs = uniqueRefs(works);
    const shared = [...refs.values()].filter(({ table }) => table.shared);
    const takesLocks = shared.length > 0 && this.contention.takesLocks();
    if (takesLocks) for (const ref of shared) refs.delete(refName(ref));
    const remembered = new Set<string>();
    const states = await this.load(refs, works, { mayGuess, remembered });
    const confirmed = this.options.relay.takeConfirmed();
    let attempt: Attempt | undefined;
    const make = (locked: ReadonlyMap<string, Loaded>): Batch => {
      const copy = new WorkingCopy((name) => locked.get(name) ?? states.get(name), takesLocks);
      attempt = this.build(works, copy, confirmed);
      return attempt.batch;
    };
    try {
      const committed = takesLocks
        ? await this.options.store.commitLocked(shared, make)
        : await this.commitAtOnce(make(new Map()), shared, remembered);
      if (attempt) this.committed(attempt, committed);
    } catch (error) {
      this.options.relay.restore(confirmed);
      if (attempt && this.mayBeCommitted(error)) this.doubt(attempt);
      throw error;
    }
  }

  /**
   * A batch that only refused its callers, or answered them again, writes nothing; so no commit says whether a
   * state out of memory is still true.
   */
  private async commitAtOnce(
    batch: Batch,
    shared: readonly StateRef[],
    remembered: ReadonlySet<string>,
  ): Promise<Committed> {
    if (batch.inbox.length > 0 || batch.bury.length > 0) return this.race(batch, shared);
    const doubtful = (batch.reads ?? []).map(refName).filter((name) => remembered.has(name));
    if (doubtful.length > 0) throw new BatchConflict('version', doubtful);
    this.options.relay.restore(batch.confirmed);
    return { outboxSeqs: [] };
  }

  /** Commits without locks; whoever wrote a shared state meanwhile was quicker. */
  private async race(batch: Batch, shared: readonly StateRef[]): Promise<Committed> {
    try {
      const committed = await this.options.store.commit(batch);
      if (shared.length > 0) this.contention.won();
      return committed;
    } catch (error) {
      if (shared.length > 0) this.contention.lost(error, shared);
      throw error;
    }
  }

  /** A message seen before is decided again for its caller: on the database's word, not on memory. */
  private async load(
    refs: ReadonlyMap<string, StateRef>,
    works: readonly Work[],
    { mayGuess, remembered }: { readonly mayGuess: boolean; readonly remembered: Set<string> },
  ): Promise<ReadonlyMap<string, Loaded>> {
    const { cache, store } = this.options;
    const isSeen = works.some((work) => work.seen);
    if (isSeen) cache.evict(refs.keys());
    const states = new Map<string, Loaded>();
    const missing: StateRef[] = [];
    for (const [name, ref] of refs) {
      const cached = cache.get(name);
      if (cached === undefined && (isSeen || !mayGuess || !ref.isNew)) missing.push(ref);
      else remembered.add(name);
      if (cached) states.set(name, cached);
    }
    if (missing.length === 0) return states;
    const found = await store.load(missing);
    cache.learn(missing, found);
    for (const [name, loaded] of found) states.set(name, loaded);
    return states;
  }

  private build(works: readonly Work[], copy: WorkingCopy, confirmed: Batch['confirmed']): Attempt {
    const builder = new BatchBuilder(this.options, copy);
    for (const work of works) builder.add(work);
    return { builder, batch: builder.batch(confirmed) };
  }

  private doubt({ builder }: Attempt): void {
    this.inDoubt = true;
    for (const result of builder.results)
      this.doubts.set(result.work, [...(this.doubts.get(result.work) ?? []), result]);
  }

  /** The database answers again: what a lost answer hid from the relay goes before what is newer. */
  private resolveDoubt(): void {
    if (this.inDoubt) this.options.relay.missed?.();
    this.inDoubt = false;
  }

  private committed({ builder, batch }: Attempt, { outboxSeqs }: Committed): void {
    if (batch.inbox.length > 0) this.resolveDoubt();
    for (const { table, id, value, version } of batch.states) {
      this.options.cache.set(refName({ table, id }), { value, version });
    }
    this.options.relay.offer(batch.outbox, outboxSeqs);
    this.options.observer.sent?.(batch.outbox);
    if (builder.live.length > 0) this.options.relay.announce(builder.live);
    for (const result of builder.results) this.options.settled(result);
    if (batch.bury.length > 0) this.options.buried(batch.bury);
  }

  /** What is still to do after a failed commit. */
  private async afterFailure(works: readonly Work[], error: unknown): Promise<readonly Work[]> {
    this.options.cache.evict(uniqueRefs(works).keys());
    if (error instanceof BatchConflict) return this.afterConflict(works, error);
    if (isMistake(error)) return this.bisect(works, error);
    const failure = this.options.store.failure(error);
    if (failure === 'conflict') return works;
    if (failure === 'unavailable') return this.hold(works, error);
    return this.bisect(works, error);
  }

  private async afterConflict(
    works: readonly Work[],
    conflict: BatchConflict,
  ): Promise<readonly Work[]> {
    const what = new Set(conflict.what);
    if (conflict.reason === 'seen') {
      this.resolveDoubt();
      return this.withoutSeen(works, what);
    }
    if (conflict.reason === 'fence') return works.filter((work) => !this.isLost(work, what));
    return works;
  }

  private isLost(work: Work, shards: ReadonlySet<string>): boolean {
    if (work.origin.from === 'caller' || !shards.has(`${work.group}/${work.shard}`)) return false;
    if (work.fence) this.options.lost(work.fence);
    this.options.dropped(work);
    return true;
  }

  /** Settles what was seen and answers the rest; callers still wait for their answers. */
  private async withoutSeen(
    works: readonly Work[],
    seen: ReadonlySet<string>,
  ): Promise<readonly Work[]> {
    const rest: Work[] = [];
    for (const work of works) {
      if (!work.envelope || !seen.has(`${work.group}/${work.envelope.id}`)) rest.push(work);
      else if (work.origin.from === 'caller') rest.push(Object.assign(work, { seen: true }));
      else this.options.settled(await this.whatBecameOf(work));
    }
    return rest;
  }

  /** Seen before: by another delivery, or by a commit of ours whose answer was lost. The database knows. */
  private async whatBecameOf(work: Work): Promise<Result> {
    const duplicate: Result = { work, outcome: 'duplicate', parkedChange: 0 };
    const [doubts, { envelope }] = [this.doubts.get(work), work];
    if (!doubts || !envelope) return duplicate;
    const parked = await this.patiently(() =>
      this.options.store.parkedOf(work.group, envelope.key, mostParked),
    );
    const row = parked.find(({ messageId }) => messageId === envelope.id);
    const became = doubts.findLast(
      (result) =>
        waits(result) === (row !== undefined) &&
        (result.asking ?? false) === (row?.reason === 'asking'),
    );
    const count = parked.filter(({ reason }) => reason !== 'redriven').length;
    return { ...(became ?? duplicate), parkedChange: count - this.options.parkedOn(work.keyId) };
  }

  private async bisect(works: readonly Work[], error: unknown): Promise<readonly Work[]> {
    const only = works.length === 1 ? works[0] : undefined;
    if (only) {
      // Refused again: neither its state nor what its handler decides in its place can be stored.
      if (only.blame !== undefined) {
        if (only.refusal !== undefined) return this.hold(works, error);
        only.refusal = error;
      }
      only.blame = error;
      this.options.observer.trouble({
        what: 'the database refused the data of a message',
        group: only.group,
        error,
      });
      return works;
    }
    const middle = Math.ceil(works.length / 2);
    await this.run(works.slice(0, middle));
    return works.slice(middle);
  }

  /** Nobody is blamed. Callers are told after the first failure; their outcome is unknown. */
  private async hold(works: readonly Work[], error: unknown): Promise<readonly Work[]> {
    this.backoff = Math.min(2_000, Math.max(50, this.backoff * 2));
    this.options.observer.trouble({
      what: 'the database does not answer; holding the batch',
      error,
    });
    const patient: Work[] = [];
    for (const work of works) {
      if (work.origin.from !== 'caller') patient.push(work);
      else {
        work.origin.reject(new Unavailable('the database does not answer'));
        this.options.dropped(work);
      }
    }
    if (this.options.isStopping()) return this.giveBack(patient);
    await this.pause(this.backoff);
    return patient;
  }

  private giveBack(works: readonly Work[]): readonly Work[] {
    for (const work of works) if (work.origin.from === 'broker') work.origin.delivery.giveBack();
    return [];
  }

  private isOfData(error: unknown): boolean {
    return isMistake(error) || this.options.store.failure(error) === 'data';
  }

  private mayBeCommitted(error: unknown): boolean {
    if (error instanceof BatchConflict || isMistake(error)) return false;
    return this.options.store.failure(error) === 'unavailable';
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.options.clock.after(ms, resolve);
    });
  }
}

/** By `refName`. A state is new only if every message takes it to be so. */
function uniqueRefs(works: readonly Work[]): Map<string, StateRef> {
  const refs = new Map<string, StateRef>();
  for (const work of works) {
    for (const ref of refsOf(work)) {
      const name = refName(ref);
      if (!ref.isNew || !refs.has(name)) refs.set(name, ref);
    }
  }
  return refs;
}

const isRace = (error: unknown): boolean =>
  error instanceof BatchConflict && error.reason === 'version';

/** Nobody loses a race so often: a handler uses a state that it did not name, so it is never read from the store. */
const endless = (cause: unknown): TypeError =>
  new TypeError('a handler uses a state that it does not name, or another writer never rests', {
    cause,
  });

/** An error of our own code, not of the database: some message of the batch brings it about. */
const isMistake = (error: unknown): boolean =>
  error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
