import { BatchBuilder, type BuilderOptions } from './batch-builder.ts';
import type { Group } from './broker.ts';
import type { Brokers } from './brokers.ts';
import { Contention } from './contention.ts';
import { BatchTurns, type KeyQueue } from './key-queue.ts';
import type { ConsumerObserver } from './observer.ts';
import type { Ownership } from './ownership.ts';
import { isMistake, type PatientStore } from './patient-store.ts';
import type { Settlement } from './settlement.ts';
import { refName, type StateRef } from './state.ts';
import { type StateCache, type StateReader, uniqueRefs } from './state-reader.ts';
import { type Batch, BatchConflict, type Committed, type Loaded, type Relay } from './store.ts';
import { Unavailable } from './submitter.ts';
import { UnsureFences } from './unsure-fences.ts';
import { type Result, type Work, waits } from './work.ts';
import { WorkingCopy } from './working-copy.ts';

export interface BatchRunnerOptions extends Omit<BuilderOptions, 'relay'> {
  readonly database: PatientStore;
  readonly relay: Relay;
  readonly observer: ConsumerObserver;
  readonly states: StateReader;
  readonly cache: StateCache;
  readonly queue: Pick<KeyQueue, 'deferredOn'>;
  readonly ownership: Pick<Ownership, 'lost'>;
  readonly settlement: Pick<Settlement, 'settled' | 'keepOurs' | 'drop'>;
  readonly brokers: Pick<Brokers, 'deadLettered'>;
  /** The groups of the service, whose brokers receive the dead letters. */
  readonly groups: readonly Group[];
}

/** A message is not found among the deferred messages of its key if more than this many precede it. */
const mostDeferred = 10_000;

/** How many races for a state a batch may lose in a row. */
const racesLost = 20;

/** A batch that is ready to be written, and the results that follow from it. */
interface Attempt {
  readonly builder: BatchBuilder;
  readonly batch: Batch;
}

/**
 * Brings messages to their commit: reruns a batch after a conflict, halves a batch whose data the database
 * refuses until the message at fault is alone, and holds everything while the database is unavailable.
 */
export class BatchRunner {
  private backoff = 0;
  /** The results of messages with an unknown commit outcome, one per such commit, in case that commit succeeded. */
  private readonly unknownOutcomes = new WeakMap<Work, Result[]>();
  private hasUnknownOutcome = false;
  private readonly unsureFences: UnsureFences;
  private readonly contention = new Contention();

  constructor(private readonly options: BatchRunnerOptions) {
    this.unsureFences = new UnsureFences(options.database);
  }

  /** Resolves when every message is settled, dropped to another owner, or given back because the service stops. */
  async run(works: readonly Work[]): Promise<void> {
    let rest = this.options.settlement.keepOurs(works);
    for (let races = 0; rest.length > 0; ) {
      try {
        await this.unsureFences.renew();
        await this.commit(rest, races === 0);
        this.backoff = 0;
        return;
      } catch (error) {
        if (isRace(error)) races += 1;
        const failed = races > racesLost ? endless(error) : error;
        rest = this.options.settlement.keepOurs(await this.afterFailure(rest, failed));
      }
    }
  }

  /** `mayGuess`: states that are usually new are assumed absent; after a lost race they are read. */
  private async commit(works: readonly Work[], mayGuess: boolean): Promise<void> {
    const refs = uniqueRefs(works);
    const shared = [...refs.values()].filter(({ table }) => table.shared);
    const takesLocks = shared.length > 0 && this.contention.takesLocks();
    if (takesLocks) for (const ref of shared) refs.delete(refName(ref));
    const remembered = new Set<string>();
    const states = await this.options.states.forBatch(refs, works, { mayGuess, remembered });
    const confirmed = this.options.relay.takeConfirmed();
    let attempt: Attempt | undefined;
    const make = (locked: ReadonlyMap<string, Loaded>): Batch => {
      const copy = new WorkingCopy((name) => locked.get(name) ?? states.get(name), takesLocks);
      attempt = this.build(works, copy, confirmed);
      return attempt.batch;
    };
    try {
      const committed = takesLocks
        ? await this.options.database.store.commitLocked(shared, make)
        : await this.commitAtOnce(make(new Map()), shared, remembered);
      if (attempt) this.committed(attempt, committed);
    } catch (error) {
      this.options.relay.restore(confirmed);
      if (attempt && this.mayBeCommitted(error)) this.outcomeUnknown(attempt);
      throw error;
    }
  }

  /**
   * A batch that only refused its callers, or answered them again, writes nothing. No commit then
   * checks the cached states that it used, so it conflicts and is made again on states that are read.
   */
  private async commitAtOnce(
    batch: Batch,
    shared: readonly StateRef[],
    remembered: ReadonlySet<string>,
  ): Promise<Committed> {
    if (batch.inbox.length > 0 || batch.deadLetter.length > 0) return this.race(batch, shared);
    const doubtful = (batch.reads ?? []).map(refName).filter((name) => remembered.has(name));
    if (doubtful.length > 0) throw new BatchConflict('version', doubtful);
    this.options.relay.restore(batch.confirmed);
    return { outboxSeqs: [] };
  }

  /** Commits without locks; conflicts if another writer has changed a shared state meanwhile. */
  private async race(batch: Batch, shared: readonly StateRef[]): Promise<Committed> {
    try {
      const committed = await this.options.database.store.commit(batch);
      if (shared.length > 0) this.contention.won();
      return committed;
    } catch (error) {
      if (shared.length > 0) this.contention.lost(error, shared);
      throw error;
    }
  }

  private build(works: readonly Work[], copy: WorkingCopy, confirmed: Batch['confirmed']): Attempt {
    const turns = new BatchTurns(this.options.queue);
    const builder = new BatchBuilder(this.options, copy, turns);
    for (const work of works) builder.add(work);
    return { builder, batch: builder.batch(confirmed) };
  }

  private outcomeUnknown({ builder }: Attempt): void {
    this.hasUnknownOutcome = true;
    for (const result of builder.results) {
      const { work } = result;
      this.unknownOutcomes.set(work, [...(this.unknownOutcomes.get(work) ?? []), result]);
      this.unsureFences.add(work.fence);
    }
  }

  /** The database responds again: the relay must find rows of an unknown commit outcome before it publishes newer ones. */
  private resolveUnknownOutcomes(): void {
    if (this.hasUnknownOutcome) this.options.relay.missed?.();
    this.hasUnknownOutcome = false;
  }

  private committed({ builder, batch }: Attempt, { outboxSeqs }: Committed): void {
    if (batch.inbox.length > 0) this.resolveUnknownOutcomes();
    for (const { table, id, value, version } of batch.states) {
      this.options.cache.set(refName({ table, id }), { value, version });
    }
    this.options.relay.offer(batch.outbox, outboxSeqs);
    this.options.observer.sent?.(batch.outbox);
    if (builder.live.length > 0) this.options.relay.announce(builder.live);
    for (const result of builder.results) this.options.settlement.settled(result);
    if (batch.deadLetter.length > 0)
      this.options.brokers.deadLettered(this.options.groups, batch.deadLetter);
  }

  /** Returns the messages that remain after a failed commit. */
  private async afterFailure(works: readonly Work[], error: unknown): Promise<readonly Work[]> {
    this.options.cache.evict(uniqueRefs(works).keys());
    if (error instanceof BatchConflict) return this.afterConflict(works, error);
    if (isMistake(error)) return this.bisect(works, error);
    const failure = this.options.database.store.failure(error);
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
      this.resolveUnknownOutcomes();
      return this.withoutSeen(works, what);
    }
    if (conflict.reason === 'fence') return works.filter((work) => !this.isLost(work, what));
    return works;
  }

  private isLost(work: Work, partitions: ReadonlySet<string>): boolean {
    if (work.origin.from === 'caller' || !partitions.has(`${work.group}/${work.partition}`))
      return false;
    if (work.fence) this.options.ownership.lost(work.fence);
    this.options.settlement.drop(work);
    return true;
  }

  /** Settles messages that were seen before and returns the rest, including those whose callers still wait for an answer. */
  private async withoutSeen(
    works: readonly Work[],
    seen: ReadonlySet<string>,
  ): Promise<readonly Work[]> {
    const rest: Work[] = [];
    const isSeen = (work: Work) => seen.has(nameOf(work));
    // A copy from the broker was seen before; the deferred message that it is a copy of comes to its end in the next batch.
    const copies = new Set(works.filter((work) => isNew(work) && isSeen(work)).map(nameOf));
    for (const work of works) {
      if (!isSeen(work) || (!isNew(work) && copies.has(nameOf(work)))) rest.push(work);
      else if (work.origin.from === 'caller') rest.push(Object.assign(work, { seen: true }));
      else this.options.settlement.settled(await this.whatBecameOf(work));
    }
    return rest;
  }

  /** Seen before: by another delivery, or by a commit with an unknown outcome. The database has the answer. */
  private async whatBecameOf(work: Work): Promise<Result> {
    const duplicate: Result = { work, outcome: 'duplicate', deferredChange: 0 };
    const [unknownOutcomes, { envelope }] = [this.unknownOutcomes.get(work), work];
    if (!unknownOutcomes || !envelope) return duplicate;
    const deferred = await this.options.database.patiently(() =>
      this.options.database.store.deferredOf(work.group, envelope.key, mostDeferred),
    );
    const row = deferred.find(({ messageId }) => messageId === envelope.id);
    const became = unknownOutcomes.findLast(
      (result) =>
        waits(result) === (row !== undefined) &&
        (result.calling ?? false) === (row?.reason === 'asking'),
    );
    const count = deferred.filter(({ reason }) => reason !== 'redriven').length;
    return {
      ...(became ?? duplicate),
      deferredChange: count - this.options.queue.deferredOn(work.keyId),
    };
  }

  private async bisect(works: readonly Work[], error: unknown): Promise<readonly Work[]> {
    const only = works.length === 1 ? works[0] : undefined;
    if (only) {
      // Refused again: neither its state nor what its handler decides instead can be stored.
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

  /** Database unavailable: retries the batch. Waiting callers fail, because the outcome of their commit is unknown. */
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
        this.options.settlement.drop(work);
      }
    }
    if (this.options.database.isStopping) return this.giveBack(patient);
    await this.options.database.pause(this.backoff);
    return patient;
  }

  private giveBack(works: readonly Work[]): readonly Work[] {
    for (const work of works) if (work.origin.from === 'broker') work.origin.delivery.giveBack();
    return [];
  }

  private mayBeCommitted(error: unknown): boolean {
    if (error instanceof BatchConflict || isMistake(error)) return false;
    return this.options.database.store.failure(error) === 'unavailable';
  }
}

const nameOf = ({ group, envelope }: Work): string => `${group}/${envelope?.id}`;
const isNew = ({ origin }: Work): boolean => origin.from !== 'parked';

const isRace = (error: unknown): boolean =>
  error instanceof BatchConflict && error.reason === 'version';

/** So many lost races mean that a handler uses a state that it did not name, so it is never read from the store. */
const endless = (cause: unknown): TypeError =>
  new TypeError(
    'a handler changes a state that its `state` and `also` do not name, or another process changes it all the time',
    {
      cause,
    },
  );
