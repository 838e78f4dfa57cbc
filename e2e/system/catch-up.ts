import { Client } from 'pg';
import type { DatabaseUrls } from '../invariants/service-databases.ts';
import { eventually } from './eventually.ts';

const sagasBefore = `select count(*)::int as n from sagas where phase <> 'settled' and started_at <= $1`;
const outboxBefore = `select count(*)::int as n from (select from outbox where due_at is null and at <= $1
  union all select from outbox_page where at <= $1) waiting`;

const invoicesBefore = `select count(*)::int as n from order_events where type = 'confirmed' and at <= $1
  and position > coalesce((select position from projection_checkpoint where name = 'invoices'), 0)`;

/**
 * Resolves with the seconds until all work from before the call is done: no saga of it is running, no invoice is
 * missing, and no outbox has a message of it. Rejects when this takes longer than `within` milliseconds.
 */
export async function untilCaughtUp(databases: DatabaseUrls, within: number): Promise<number> {
  const began = performance.now();
  const before = new Date();
  const clients = await Promise.all(
    Object.entries(databases).map(async ([service, connectionString]) => {
      const client = await eventually(`${service}'s database answers`, async () => {
        // One that failed to connect cannot be used again.
        const next = new Client({ connectionString });
        next.on('error', () => undefined);
        await next.connect();
        return next;
      });
      return { service, client };
    }),
  );
  const waiting = async (): Promise<string[]> => {
    const found = await Promise.all(
      clients.map(async ({ service, client }) => {
        const ofOrders = [sagasBefore, invoicesBefore];
        const counts = service === 'order' ? [...ofOrders, outboxBefore] : [outboxBefore];
        let n = 0;
        for (const sql of counts) n += (await client.query(sql, [before])).rows[0].n;
        return n > 0 ? [`${service}: ${n}`] : [];
      }),
    );
    return found.flat();
  };
  try {
    await eventually(
      'all from before is settled',
      async () => {
        const left = await waiting();
        if (left.length > 0) throw new Error(`waiting still: ${left.join(', ')}`);
        return true;
      },
      within,
    );
    return (performance.now() - began) / 1_000;
  } finally {
    await Promise.all(clients.map(({ client }) => client.end()));
  }
}
