import { type Invariant, violationsOf } from '@waybill/service';
import type { DataSource } from 'typeorm';

const rules: readonly Invariant[] = [
  {
    says: 'a webhook is told of an announcement twice',
    sql: `select webhook_id || ' ' || message_id as what from webhook_deliveries
      where message_id is not null group by webhook_id, message_id having count(*) > 1`,
  },
  {
    says: 'a delivery waits for a webhook that is disabled or gone',
    sql: `select id::text as what from webhook_deliveries d where status = 'pending' and not exists (
      select from webhooks w where w.id = d.webhook_id and w.disabled_reason is null)`,
  },
  {
    says: 'a delivery waits without a job',
    sql: `select id::text as what from webhook_deliveries d where status = 'pending' and not exists (
      select from work_job j where j.queue = 'webhooks' and j.key = d.webhook_id::text and j.dead_at is null)`,
  },
];

/** The problems with webhooks, one sentence each. */
export const webhookInvariants = (dataSource: Pick<DataSource, 'query'>): Promise<string[]> =>
  violationsOf('notification', dataSource, rules);
