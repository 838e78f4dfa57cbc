import { expect, it } from '@jest/globals';
import { seededRandom } from '@waybill/testing';
import { type ServiceName, withDatabases } from './invariants/service-databases.ts';
import { chosenSeed } from './system/chosen-seed.config.ts';
import { eventually } from './system/eventually.ts';
import { Shoppers } from './system/shoppers.ts';
import { useSystem } from './system/test-system.ts';

const keep = '3s';
const system = useSystem({
  RETENTION_EVERY: '1s',
  JOURNEY_RETENTION: keep,
  AUDIT_RETENTION: keep,
  IDEMPOTENCY_RETENTION: keep,
  PROVIDER_CALL_RETENTION: keep,
  PROVIDER_EVENT_RETENTION: keep,
  DELIVERY_RETENTION: keep,
});

/** The rows of a table now, and those that it ever had, as far as another table or a sequence knows. */
const tables: readonly (readonly [ServiceName, string, string])[] = [
  ...(['order', 'inventory', 'payment', 'shipping', 'notification', 'analytics'] as const).map(
    (service) =>
      [service, 'journey_page', 'select coalesce(max(page), 0) from journey_page'] as const,
  ),
  ['order', 'idempotency_keys', 'select count(*) from orders'],
  ['payment', 'provider_calls', 'select count(*) from payments'],
  [
    'notification',
    // What waits for the mail server, or for its time, stays.
    `deliveries where status not in ('queued', 'collected')`,
    `select count(*) from inbox where group_name = 'notification.email'`,
  ],
];

it('stays as large as it is while orders come, and loses nothing that is still needed', async () => {
  const shoppers = new Shoppers(await system().as('ada'), seededRandom(chosenSeed), 4, 50, 0.1);
  await withDatabases(system().data.whereabouts().databases, async (databases) => {
    const grown = async () => {
      const counts = tables.map(async ([service, table, ever]) => {
        const [row] = await databases[service].query<{ kept: number; ever: number }[]>(
          `select (select count(*) from ${table})::int as kept, (${ever})::int as ever`,
        );
        return { table: `${service}.${table}`, kept: row?.kept ?? 0, ever: row?.ever ?? 0 };
      });
      return (await Promise.all(counts)).filter(({ kept, ever }) => ever < 20 || kept > ever / 3);
    };
    shoppers.start();
    try {
      await eventually(
        'each table has lost most of its rows while more come',
        async () => {
          const large = await grown();
          if (large.length > 0) throw new Error(JSON.stringify(large));
          return true;
        },
        180_000,
      );
    } finally {
      await shoppers.stop();
    }
  });
  expect(shoppers.surprises).toEqual([]);
  expect(await system().verify()).toEqual([]);
  const ada = await system().as('ada');
  const first = shoppers.bought[0]?.id ?? '';
  const { version } = await ada.read('/api/v1/orders/{id}', { path: { id: first } });
  const events = await ada.all('/api/v1/orders/{id}/events', { path: { id: first } });
  expect(events).toHaveLength(version);
});
