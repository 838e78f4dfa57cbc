import { refName, type StateRef } from '../state.ts';
import {
  type Batch,
  BatchConflict,
  type Committed,
  type DeadRow,
  type DeferredRow,
  type EventWrite,
  type Fence,
  type InboxRow,
  type Loaded,
  type OutboxRow,
  type Store,
  type StoreFailure,
} from '../store.ts';

/** A store in memory with the rules of the real one, for simulation and unit tests. */
export class MemoryStore implements Store {
  readonly states = new Map<string, Loaded>();
  readonly inbox = new Map<string, InboxRow>();
  readonly deferred = new Map<string, DeferredRow>();
  readonly dead: DeadRow[] = [];
  readonly events: EventWrite[] = [];
  readonly entries: Batch['entries'][number][] = [];
  readonly outbox = new Map<number, OutboxRow>();
  commits = 0;
  /** For tests: `commit` throws what this returns, before anything is written; `undefined`: no failure. */
  failWith: (batch: Batch) => unknown = () => undefined;
  private readonly epochs = new Map<string, number>();
  private seq = 0;

  constructor(private readonly now: () => Date = () => new Date()) {}

  async load(refs: readonly StateRef[]): Promise<ReadonlyMap<string, Loaded>> {
    return this.read(refs);
  }

  async commit(batch: Batch): Promise<Committed> {
    const failure = this.failWith(batch);
    if (failure !== undefined) throw failure;
    this.check(batch);
    return this.write(batch);
  }

  async commitLocked(
    refs: readonly StateRef[],
    make: (locked: ReadonlyMap<string, Loaded>) => Batch,
  ): Promise<Committed> {
    return this.commit(make(this.read(refs)));
  }

  failure(error: unknown): StoreFailure {
    const code =
      typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
    if (/^2[23]/.test(code)) return 'data';
    return code === '40001' || code === '40P01' ? 'conflict' : 'unavailable';
  }

  async own(group: string, partitions: readonly number[]): Promise<readonly Fence[]> {
    for (const [name, row] of this.deferred) {
      if (row.group === group && row.reason === 'asking') {
        this.deferred.set(name, { ...row, reason: 'retry', dueAt: this.now().toISOString() });
      }
    }
    return partitions.map((partition) => {
      const epoch = (this.epochs.get(`${group}/${partition}`) ?? 0) + 1;
      this.epochs.set(`${group}/${partition}`, epoch);
      return { group, partition, epoch };
    });
  }

  async renew(fences: readonly Fence[]): Promise<readonly Fence[]> {
    const last = fences.filter((f) => this.epochs.get(`${f.group}/${f.partition}`) === f.epoch);
    return last.map(({ group, partition, epoch }) => {
      this.epochs.set(`${group}/${partition}`, epoch + 1);
      return { group, partition, epoch: epoch + 1 };
    });
  }

  async deferredKeys(
    group: string,
    partitions: readonly number[],
  ): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    for (const row of this.deferred.values()) {
      if (row.group !== group || !partitions.includes(row.partition) || row.reason === 'redriven')
        continue;
      counts.set(`${group}/${row.key}`, (counts.get(`${group}/${row.key}`) ?? 0) + 1);
    }
    return counts;
  }

  async due(
    group: string,
    partitions: readonly number[],
    limit: number,
  ): Promise<readonly DeferredRow[]> {
    const before = new Map<string, readonly DeferredRow[]>();
    const turns: DeferredRow[] = [];
    for (const row of this.deferred.values()) {
      if (row.group !== group || !partitions.includes(row.partition)) continue;
      const earlier = before.get(row.key) ?? [];
      if ([row, ...earlier].every(({ reason }) => reason === 'redriven') || earlier.length === 0)
        turns.push(row);
      before.set(row.key, [...earlier, row]);
    }
    return turns.filter((row) => this.isDue(row)).slice(0, limit);
  }

  async deferredOf(group: string, key: string, limit: number): Promise<readonly DeferredRow[]> {
    return [...this.deferred.values()]
      .filter((row) => row.group === group && row.key === key)
      .slice(0, limit);
  }

  private isDue(row: DeferredRow): boolean {
    if (row.reason === 'held' || row.reason === 'asking') return false;
    return row.dueAt === null || Date.parse(row.dueAt) <= this.now().getTime();
  }

  private read(refs: readonly StateRef[]): Map<string, Loaded> {
    const found = new Map<string, Loaded>();
    for (const ref of refs) {
      const loaded = this.states.get(refName(ref));
      if (loaded) found.set(refName(ref), loaded);
    }
    return found;
  }

  private check(batch: Batch): void {
    const stale = batch.fences.filter(
      (f) => this.epochs.get(`${f.group}/${f.partition}`) !== f.epoch,
    );
    if (stale.length > 0)
      throw new BatchConflict(
        'fence',
        stale.map((f) => `${f.group}/${f.partition}`),
      );
    const names = batch.inbox
      .filter((row) => row.first)
      .map((row) => `${row.group}/${row.messageId}`);
    const seen = names.filter((name, i) => this.inbox.has(name) || names.indexOf(name) !== i);
    const done = batch.inbox
      .filter((row) => !row.first)
      .map((row) => `${row.group}/${row.messageId}`)
      .filter((name) => this.inbox.has(name) && this.inbox.get(name)?.outcome !== 'parked');
    if (seen.length + done.length > 0) throw new BatchConflict('seen', [...seen, ...done]);
    const hasMoved = (ref: StateRef, on: number) =>
      (this.states.get(refName(ref))?.version ?? 0) !== on;
    const moved = [
      ...batch.states.filter((write) => hasMoved(write, write.loaded)),
      ...(batch.reads ?? []).filter((read) => hasMoved(read, read.version)),
    ];
    if (moved.length > 0)
      throw new BatchConflict(
        'version',
        moved.map((ref) => refName(ref)),
      );
  }

  private write(batch: Batch): Committed {
    this.commits += 1;
    for (const row of batch.inbox) this.inbox.set(`${row.group}/${row.messageId}`, row);
    for (const s of batch.states)
      this.states.set(refName(s), { value: s.value, version: s.version });
    for (const row of batch.undefer) this.deferred.delete(`${row.group}/${row.messageId}`);
    for (const row of batch.defer) this.deferred.set(`${row.group}/${row.messageId}`, row);
    this.dead.push(...batch.deadLetter);
    this.events.push(...batch.events);
    this.entries.push(...batch.entries);
    for (const { first, last } of batch.confirmed) this.forget(first, last);
    const outboxSeqs = batch.outbox.map((row) => {
      this.seq += 1;
      this.outbox.set(this.seq, row);
      return this.seq;
    });
    return { outboxSeqs };
  }

  private forget(first: number, last: number): void {
    for (const seq of this.outbox.keys()) {
      if (seq >= first && seq <= last) this.outbox.delete(seq);
    }
  }
}
