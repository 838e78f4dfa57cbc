import type { DataSource } from 'typeorm';
import { alertInvariants } from './alert.invariants.ts';
import { webhookInvariants } from './webhook.invariants.ts';

/** The problems with the deliveries, one sentence each; empty if all invariants hold. */
export async function notificationInvariants(
  dataSource: Pick<DataSource, 'query'>,
): Promise<string[]> {
  const twice = (await dataSource.query(`
    SELECT coalesce(order_id::text, customer_id) || ' ' || template AS what FROM deliveries
    WHERE template NOT IN ('order-returning', 'order-refunded')
    GROUP BY coalesce(order_id::text, customer_id), template HAVING count(*) > 1 LIMIT 5`)) as {
    what: string;
  }[];
  const contradicting = (await dataSource.query(`
    SELECT order_id AS what FROM deliveries WHERE template IN ('order-confirmed', 'order-rejected')
    GROUP BY order_id HAVING count(*) > 1 LIMIT 5`)) as { what: string }[];
  const forgotten = (await dataSource.query(`
    SELECT id AS what FROM deliveries WHERE status = 'queued'
      AND NOT EXISTS (SELECT FROM work_job WHERE queue = 'email' AND key = deliveries.id) LIMIT 5`)) as {
    what: string;
  }[];
  return [
    ...twice.map(({ what }) => `notification: ${what} was delivered more than once`),
    ...forgotten.map(({ what }) => `notification: ${what} is queued, but has no job`),
    ...contradicting.map(({ what }) => `notification: order ${what} was confirmed and rejected`),
    ...(await webhookInvariants(dataSource)),
    ...(await alertInvariants(dataSource)),
  ];
}
