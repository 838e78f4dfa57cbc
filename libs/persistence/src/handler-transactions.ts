import type { Envelope } from '@waybill/message';
import { type Batch, BatchConflict, type Transactions } from '@waybill/messaging';
import { bulkhead, type Policy } from '@waybill/resilience';
import type { PoolClient } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import { poolOf } from './data-source.ts';
import type { Outbox } from './outbox.ts';
import type { PgStore } from './pg-store.ts';
import { codeOf } from './store-failure.ts';

export interface HandlerTransactionsOptions {
  readonly dataSource: DataSource;
  readonly store: PgStore;
  readonly outbox: Outbox;
}

/** The database ended a transaction. The message did not cause it, so no attempt is counted. */
class TransactionLost extends Error {
  readonly code = 'transaction_lost';
  readonly countsAsAttempt = false;
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'TransactionLost';
  }
}

/**
 * Codes of lost races, lock timeouts and broken connections. A statement of the handler that exceeds its own timeout (57014)
 * is not among them: retried without an attempt, it would block its key forever.
 */
const lost = /^(08|40|53|55P03|57P|ECONN|EPIPE|ETIMEDOUT)/;

/** Runs each transactional handler in a TypeORM transaction that writes the inbox row first. */
export class HandlerTransactions implements Transactions {
  /** Uses at most half of the connections; the others serve batches and the relay. */
  private readonly room: Policy;

  constructor(private readonly options: HandlerTransactionsOptions) {
    const { max = 10 } = poolOf(options.dataSource).options;
    const calls = Math.max(1, Math.floor(max / 2));
    this.room = bulkhead({ calls, queue: Number.MAX_SAFE_INTEGER })('handlers in transactions');
  }

  run<R>(
    batch: Batch,
    message: Envelope,
    work: (transaction: EntityManager) => Promise<R>,
  ): Promise<R> {
    return this.room.run(
      () => this.inTransaction(batch, message, work),
      new AbortController().signal,
    );
  }

  private async inTransaction<R>(
    batch: Batch,
    message: Envelope,
    work: (transaction: EntityManager) => Promise<R>,
  ): Promise<R> {
    const { dataSource, store, outbox } = this.options;
    let working = false;
    try {
      return await dataSource.transaction(async (manager) => {
        const runner = manager.queryRunner;
        if (!runner) throw new TypeError('TypeORM gave a transaction without a connection');
        await store.commitIn((await runner.connect()) as PoolClient, batch);
        const [group = ''] = batch.inbox.map((row) => row.group);
        outbox.setCause(runner, message, group);
        working = true;
        const answer = await work(manager);
        working = false;
        return answer;
      });
    } catch (error) {
      if (error instanceof BatchConflict && error.reason === 'seen') throw error;
      const isOfMessage = working && !lost.test(codeOf(error));
      if (isOfMessage || (!working && store.failure(error) === 'data')) throw error;
      throw new TransactionLost(error);
    }
  }
}
