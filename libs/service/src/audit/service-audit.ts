import type { ActionEnd, OperatorAction } from '@waybill/http';
import { momentText } from '@waybill/message';
import type { Pool } from 'pg';
import type { AuditAccess, AuditedAction, AuditFilter } from './audit-access.ts';

interface AuditRow extends Omit<AuditedAction, 'at'> {
  readonly at: Date;
}

/** The audit in the database of a service. */
export class ServiceAudit implements AuditAccess {
  /** `pool` is called for each statement, because the pool may not exist yet. */
  constructor(private readonly pool: () => Pool) {}

  async began(action: OperatorAction & { readonly service: string }): Promise<void> {
    const { id, service, operator, action: what, subject, reason } = action;
    await this.pool().query(insert, [id, service, operator, what, subject, reason]);
  }

  async ended(id: string, { status, subject }: ActionEnd): Promise<void> {
    await this.pool().query(end, [id, status, subject]);
  }

  async list(
    { operator, action, since }: AuditFilter,
    limit: number,
    before?: string,
  ): Promise<readonly AuditedAction[]> {
    const values = [limit, before ?? null, operator ?? null, action ?? null, since ?? null];
    const { rows } = await this.pool().query<AuditRow>(select, values);
    return rows.map((row) => ({ ...row, at: momentText(row.at) }));
  }
}

const insert = `insert into operator_action (id, service, operator, action, subject, reason)
  values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing`;

const end = 'update operator_action set status = $2, subject = coalesce(subject, $3) where id = $1';

const select = `select id, service, operator, action, subject, reason, at, status from operator_action
  where ($2::uuid is null or id < $2) and ($3::text is null or operator = $3)
    and ($4::text is null or starts_with(action, $4)) and ($5::timestamptz is null or at >= $5)
  order by id desc limit $1`;
