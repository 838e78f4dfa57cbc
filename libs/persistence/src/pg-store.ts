import {
  type AppendOnlyTable,
  type Batch,
  BatchConflict,
  type Committed,
  type DeferredRow,
  type Fence,
  type Loaded,
  refName,
  type StateRef,
  type Store,
  type StoreFailure,
} from '@waybill/messaging';
import type { ClientBase, Pool } from 'pg';
import { batchParameters } from './commit-batch/batch-parameters.ts';
import { type CommitBatch, commitBatch } from './commit-batch/commit-batch-sql.ts';
import { DeferredMessages } from './deferred-messages.ts';
import type { EntityTable } from './entity-columns.ts';
import { pagesOf, singlesOf } from './outbox-page.ts';
import { StateReader } from './state-reader.ts';
import { codeOf, storeFailure } from './store-failure.ts';

/** A frozen process that holds locks shared by all keys loses them soon. */
const beginLocked = 'begin; set local idle_in_transaction_session_timeout = 2000';

/** The store of a service on PostgreSQL: one round trip per batch, through a function generated for its tables. */
export class PgStore implements Store {
  private readonly statement: CommitBatch;
  private readonly states: StateReader;
  private readonly deferred: DeferredMessages;
  private readonly listeners = new Map<string, (rows: readonly object[]) => void>();

  constructor(
    private readonly pool: Pool,
    tables: readonly EntityTable[],
  ) {
    this.statement = commitBatch(tables);
    this.states = new StateReader(tables);
    this.deferred = new DeferredMessages(pool);
  }

  load(refs: readonly StateRef[]): Promise<ReadonlyMap<string, Loaded>> {
    return this.states.read(this.pool, refs);
  }

  async commit(batch: Batch): Promise<Committed> {
    try {
      const committed = await this.write(this.pool, batch);
      this.tellEntries(batch);
      return committed;
    } catch (error) {
      throw await this.explain(error, batch);
    }
  }

  async commitLocked(
    refs: readonly StateRef[],
    make: (locked: ReadonlyMap<string, Loaded>) => Batch,
  ): Promise<Committed> {
    const client = await this.pool.connect();
    let batch: Batch | undefined;
    let broken: Error | undefined;
    try {
      await client.query(beginLocked);
      const locked = await this.states.read(client, refs, true);
      batch = make(locked);
      const committed = await this.write(client, batch);
      await client.query('commit');
      this.tellEntries(batch);
      return committed;
    } catch (error) {
      broken = await rollBack(client);
      throw batch ? await this.explain(error, batch) : error;
    } finally {
      client.release(broken);
    }
  }

  /** Writes a batch in a transaction that the caller began and ends; throws as `commit` does. */
  async commitIn(client: ClientBase, batch: Batch): Promise<void> {
    try {
      await this.write(client, batch);
    } catch (error) {
      throw await this.explain(error, batch);
    }
  }

  /** Calls `listener`, which must not throw, after each commit with the rows that it has inserted into `table`. */
  onEntries({ table }: AppendOnlyTable, listener: (rows: readonly object[]) => void): void {
    this.listeners.set(table, listener);
  }

  failure(error: unknown): StoreFailure {
    return storeFailure(error);
  }

  /** The name of the function that commits batches changes with its text. */
  async missing(): Promise<readonly string[]> {
    const { name } = this.statement;
    const { rowCount } = await this.pool.query('select from pg_proc where proname = $1', [name]);
    return rowCount === 0
      ? [`the database has no function ${name}: migrate it with this release first`]
      : [];
  }

  async own(group: string, partitions: readonly number[]): Promise<readonly Fence[]> {
    const { rows } = await this.pool.query<{ shard: number; epoch: string }>(
      `with owned as (
        insert into group_shard as f (group_name, shard, epoch)
        select $1, shard, 1 from unnest($2::integer[]) shard order by shard
        on conflict (group_name, shard) do update set epoch = f.epoch + 1 returning shard, epoch
      ), asked as (
        update parked set reason = 'retry', due_at = waybill_now()
        where group_name = $1 and shard = any($2) and reason = 'asking'
      ) select shard, epoch from owned order by shard`,
      [group, partitions],
    );
    return rows.map(({ shard, epoch }) => ({ group, partition: shard, epoch: Number(epoch) }));
  }

  async renew(fences: readonly Fence[]): Promise<readonly Fence[]> {
    const { rows } = await this.pool.query<{ group: string; partition: number; epoch: string }>(
      `update group_shard f set epoch = f.epoch + 1
      from unnest($1::text[], $2::integer[], $3::bigint[]) as r(g, s, e)
      where f.group_name = r.g and f.shard = r.s and f.epoch = r.e
      returning f.group_name as "group", f.shard as partition, f.epoch`,
      [
        fences.map(({ group }) => group),
        fences.map(({ partition }) => partition),
        fences.map(({ epoch }) => epoch),
      ],
    );
    return rows.map((row) => ({ ...row, epoch: Number(row.epoch) }));
  }

  deferredKeys(group: string, partitions: readonly number[]): Promise<ReadonlyMap<string, number>> {
    return this.deferred.keys(group, partitions);
  }

  due(
    group: string,
    partitions: readonly number[],
    limit: number,
  ): Promise<readonly DeferredRow[]> {
    return this.deferred.due(group, partitions, limit);
  }

  deferredOf(group: string, key: string, limit: number): Promise<readonly DeferredRow[]> {
    return this.deferred.ofKey(group, key, limit);
  }

  private tellEntries({ entries }: Batch): void {
    if (entries.length === 0) return;
    for (const [name, listener] of this.listeners) {
      const rows = entries.filter(({ table }) => table.table === name).map(({ row }) => row);
      if (rows.length > 0) listener(rows);
    }
  }

  private async write(on: Pool | ClientBase, batch: Batch): Promise<Committed> {
    const { rows } = await on.query<{ seqs: string[] | null }>({
      name: this.statement.name,
      text: this.statement.call,
      values: batchParameters(batch, this.statement),
    });
    return { outboxSeqs: inOrder(batch.outbox, rows[0]?.seqs ?? []) };
  }

  /** Finds what a lost race was about. The database reports only that there was one, so winning a race costs nothing. */
  private async explain(error: unknown, batch: Batch): Promise<unknown> {
    const code = codeOf(error);
    if (code === 'WB002') return new BatchConflict('fence', await this.lostPartitions(batch));
    if (code === 'WB003') return new BatchConflict('version', await this.movedStates(batch));
    if (code === 'WB004') return new BatchConflict('seen', await this.endedMessages(batch));
    if (code === '40001' || code === '40P01' || code === '55P03') {
      return new BatchConflict('serialization', [code]);
    }
    const table = (error as { table?: unknown }).table;
    if (code === '23505' && typeof table === 'string' && /^inbox(_|$)/.test(table)) {
      return new BatchConflict('seen', await this.seenMessages(batch));
    }
    // Another writer has created the state; or it is another unique key, and the error is in the data.
    const moved = code === '23505' ? await this.movedStates(batch) : [];
    return moved.length > 0 ? new BatchConflict('version', moved) : error;
  }

  private async seenMessages(batch: Batch): Promise<string[]> {
    const first = batch.inbox.filter((row) => row.first);
    const { rows } = await this.pool.query<{ name: string }>(
      `select r.g || '/' || r.m name from unnest($1::text[], $2::uuid[]) as r(g, m)
      join inbox i on i.message_id = r.m and i.group_name = r.g`,
      [first.map((row) => row.group), first.map((row) => row.messageId)],
    );
    const seen = new Set(rows.map(({ name }) => name));
    const names = first.map((row) => `${row.group}/${row.messageId}`);
    names.forEach((name, i) => {
      if (names.indexOf(name) !== i) seen.add(name);
    });
    return [...seen];
  }

  /** Deferred messages of the batch that are already applied, dead or discarded. */
  private async endedMessages(batch: Batch): Promise<string[]> {
    const again = batch.inbox.filter((row) => !row.first);
    const { rows } = await this.pool.query<{ name: string }>(
      `select r.g || '/' || r.m name from unnest($1::text[], $2::uuid[]) as r(g, m)
      join inbox i on i.message_id = r.m and i.group_name = r.g where i.outcome is null or i.outcome <> 'parked'`,
      [again.map((row) => row.group), again.map((row) => row.messageId)],
    );
    return rows.map(({ name }) => name);
  }

  private async lostPartitions(batch: Batch): Promise<string[]> {
    const { rows } = await this.pool.query<{ name: string; epoch: string }>(
      `select group_name || '/' || shard as name, epoch from group_shard where group_name = any($1)`,
      [[...new Set(batch.fences.map(({ group }) => group))]],
    );
    const epochs = new Map(rows.map(({ name, epoch }) => [name, Number(epoch)]));
    return batch.fences
      .filter(({ group, partition, epoch }) => epochs.get(`${group}/${partition}`) !== epoch)
      .map(({ group, partition }) => `${group}/${partition}`);
  }

  private async movedStates(batch: Batch): Promise<string[]> {
    const based = [
      ...batch.states.map((write) => ({ ref: write, on: write.loaded })),
      ...(batch.reads ?? []).map((read) => ({ ref: read, on: read.version })),
    ];
    const now = await this.load(based.map(({ ref }) => ref));
    return based
      .filter(({ ref, on }) => (now.get(refName(ref))?.version ?? 0) !== on)
      .map(({ ref }) => refName(ref));
  }
}

/** The numbers of pages come first, then those of single rows. */
function inOrder(outbox: Batch['outbox'], seqs: readonly string[]): readonly number[] {
  const places = [...pagesOf(outbox).flatMap((page) => page.places), ...singlesOf(outbox)];
  const numbers: number[] = [];
  places.forEach((place, i) => {
    numbers[place] = Number(seqs[i]);
  });
  return numbers;
}

/** Returns the error if the client cannot be used any more. */
async function rollBack(client: ClientBase): Promise<Error | undefined> {
  try {
    await client.query('rollback');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
