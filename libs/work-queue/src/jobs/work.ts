import { TransactionRequired } from '@waybill/persistence';
import type { DataSource, EntityManager, EntitySubscriberInterface, QueryRunner } from 'typeorm';
import type { QueuedItem } from '../priority-queue.ts';
import type { NewJob } from './job.ts';
import type { JobTable } from './job-table.ts';
import type { WorkIndex } from './work-index.ts';

/** What `Work` runs on. */
export interface WorkParts {
  readonly dataSource: DataSource;
  readonly jobs: JobTable;
  readonly index: WorkIndex;
}

type Indexed = QueuedItem & { readonly queue: string };

/** Adds jobs in the caller's own transaction: they are done if and only if it commits. The commit itself wakes a worker. */
export class Work {
  private readonly open = new WeakMap<QueryRunner, Indexed[]>();
  private readonly subscriber: EntitySubscriberInterface = {
    afterTransactionCommit: ({ queryRunner }) => this.committed(queryRunner),
  };
  private subscribed = false;

  constructor(private readonly parts: WorkParts) {}

  /**
   * Stores jobs in the transaction of `manager`. A job whose key waits in its queue already is joined with it; one whose key is being
   * done is done again afterwards. Throws `TransactionRequired` outside a transaction.
   */
  async add(manager: EntityManager, jobs: NewJob | readonly NewJob[]): Promise<void> {
    const { dataSource } = this.parts;
    const runner = manager.queryRunner;
    if (manager.dataSource !== dataSource || !runner?.isTransactionActive)
      throw new TransactionRequired(
        'was called outside a transaction of its data source',
        'work.add',
      );
    const all = [jobs].flat() as readonly NewJob[];
    if (all.length === 0) return;
    if (!this.subscribed) dataSource.subscribers.push(this.subscriber);
    this.subscribed = true;
    const stored = await this.parts.jobs.insert(manager, all);
    this.open.set(runner, [...(this.open.get(runner) ?? []), ...stored]);
  }

  /** Lets a dead job wait again; false if it is not dead. */
  async retry(id: string): Promise<boolean> {
    const revived = await this.parts.jobs.revive(id);
    if (revived) await this.parts.index.add([revived]);
    return revived !== undefined;
  }

  /**
   * Replaces what is in a queue by what its rows say, as after a wrong restore of its server. Jobs that are done now go on. Rejects if
   * the queue does not answer.
   */
  rebuild(queue: string): Promise<void> {
    return this.parts.index.rebuild(queue);
  }

  /** Also called for savepoints. Entries of a transaction that was rolled back are never put into a queue. */
  private committed(runner: QueryRunner): void {
    const stored = this.open.get(runner);
    if (!stored || runner.isTransactionActive) return;
    this.open.delete(runner);
    void this.parts.index.add(stored);
  }
}
