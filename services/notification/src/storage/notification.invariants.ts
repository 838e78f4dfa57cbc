import type { DataSource } from 'typeorm';
import { webhookInvariants } from './webhook.invariants.ts';

/** The problems with the deliveries, one sentence each; empty if all invariants hold. */
export async function notificationInvariants(
  dataSource: Pick<DataSource, 'query'>,
): Promise<string[]> {
  const twice = (await dataSource.query(`
    SELECT order_id || ' ' || template AS what FROM deliveries
    WHERE template NOT IN ('order-returning', 'order-refunded')
    GROUP BY order_id, template HAVING count(*) > 1 LIMIT 5`)) as { what: string }[];
  const contradicting = (await dataSource.query(`
    SELECT order_id AS what FROM deliveries WHERE template IN ('order-confirmed', 'order-rejected')
    GROUP BY order_id HAVING count(*) > 1 LIMIT 5`)) as { what: string }[];
  return [
    ...twice.map(({ what }) => `notification: ${what} was delivered more than once`),
    ...contradicting.map(({ what }) => `notification: order ${what} was confirmed and rejected`),
    ...(await webhookInvariants(dataSource)),
  ];
}
