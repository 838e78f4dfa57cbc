import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SagaEntity } from './order.entities.ts';

export const sagaStates = ['running', 'compensating', 'completed', 'aborted', 'stuck'] as const;

export interface SagaFilter {
  readonly state?: (typeof sagaStates)[number] | undefined;
  /** Only sagas that are not settled and have not moved since. */
  readonly stillSince?: Date | undefined;
  /** Only sagas begun before this one. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** Written out, so that the planner sees that the index of open sagas fits. */
const isOpen = `saga.status IN ('running', 'compensating')`;

/** Reads sagas for operators and for what looks after them. */
@Injectable()
export class SagaRepository {
  constructor(private readonly dataSource: DataSource) {}

  async find(id: string): Promise<SagaEntity | undefined> {
    return (await this.dataSource.getRepository(SagaEntity).findOneBy({ id })) ?? undefined;
  }

  /** The newest first. */
  list({ state, stillSince, before, limit }: SagaFilter): Promise<SagaEntity[]> {
    const query = this.dataSource
      .getRepository(SagaEntity)
      .createQueryBuilder('saga')
      .orderBy('saga.id', 'DESC')
      .limit(limit);
    if (before !== undefined) query.andWhere('saga.id < :before', { before });
    if (state === 'stuck') query.andWhere('saga.stuck');
    else if (state !== undefined) query.andWhere('saga.status = :state', { state });
    if (state === 'stuck' || stillSince) query.andWhere(isOpen);
    if (stillSince) query.andWhere('saga.updatedAt <= :stillSince', { stillSince });
    return query.getMany();
  }

  /** Open sagas whose timer has fallen due, the longest overdue first. */
  due(now: Date, limit: number): Promise<SagaEntity[]> {
    return this.dataSource
      .getRepository(SagaEntity)
      .createQueryBuilder('saga')
      .where(isOpen)
      .andWhere('saga.dueAt <= :now', { now })
      .orderBy('saga.dueAt')
      .limit(limit)
      .getMany();
  }

  /** Which of these orders have a command of that type that no broker has confirmed yet. */
  async unconfirmed(orderIds: readonly string[]): Promise<ReadonlySet<string>> {
    const rows: { key: string }[] = await this.dataSource.query(
      `SELECT DISTINCT key FROM outbox WHERE key = ANY($1) AND channel LIKE '%.commands'`,
      [orderIds],
    );
    return new Set(rows.map(({ key }) => key));
  }

  /** How many sagas are open; counts no further than `limit`. */
  async open(limit: number): Promise<number> {
    const [row]: { n: number }[] = await this.dataSource.query(
      `SELECT count(*)::integer AS n FROM (
         SELECT 1 FROM sagas WHERE status IN ('running', 'compensating') LIMIT $1) AS some`,
      [limit],
    );
    return row?.n ?? 0;
  }
}
