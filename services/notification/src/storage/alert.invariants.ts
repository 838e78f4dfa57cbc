import { type Invariant, violationsOf } from '@waybill/service';
import type { DataSource } from 'typeorm';

const rules: readonly Invariant[] = [
  {
    says: 'an alert is acknowledged by nobody, or before it began',
    sql: `select id::text as what from alerts where (acknowledged_at is null) <> (acknowledged_by is null)
      or acknowledged_at < started_at or (state = 'acknowledged' and acknowledged_at is null)`,
  },
  {
    says: 'an alert was resolved before it began',
    sql: 'select id::text as what from alerts where resolved_at < started_at',
  },
];

/** The problems with alerts, one sentence each. */
export const alertInvariants = (dataSource: Pick<DataSource, 'query'>): Promise<string[]> =>
  violationsOf('notification', dataSource, rules);
