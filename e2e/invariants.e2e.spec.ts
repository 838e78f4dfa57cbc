import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Client as Database } from 'pg';
import type { Ledgers } from './invariants/ledgers.ts';
import type { ServiceName } from './invariants/service-databases.ts';
import { verifyInvariants } from './invariants/verify-invariants.ts';
import { useSystem } from './system/test-system.ts';

const phantom = randomUUID();

/** What is done to a database behind the back of its service, and the sentence that must tell of it. */
const wrongs: readonly (readonly [ServiceName, string, RegExp])[] = [
  [
    'payment',
    `delete from ledger_entries where ctid in (select ctid from ledger_entries limit 1)`,
    /payment: the ledger does not sum to zero/,
  ],
  [
    'inventory',
    `update stock set available = available - 1, sold = sold + 1 where sku = 'LAPTOP-13'`,
    /inventory: sold is not the sum of the committed reservations/,
  ],
  [
    'inventory',
    `update reservations set status = 'reserved', review_at = now() where status = 'committed'`,
    /inventory: stock is held for an order that is settled/,
  ],
  [
    'order',
    `alter table order_events disable trigger all; delete from order_events where position = 2`,
    /order: the versions of an order have a gap/,
  ],
  [
    'order',
    `update orders set content = jsonb_set(content, '{note}', '"changed"') where status = 'rejected'`,
    /order: folding the events gives another order/,
  ],
  [
    'analytics',
    `delete from inbox where type = 'order.placed'`,
    /analytics: placed orders and those that analytics heard of differ/,
  ],
  [
    'analytics',
    `update order_counts set confirmed = confirmed + 1`,
    /analytics: confirmed is \d+, the orders say/,
  ],
  [
    'shipping',
    `update inbox set causation_id = '${phantom}' where type = 'shipping.book-shipment'`,
    /shipping: it heard messages whose cause was never committed by their sender/,
  ],
  [
    'notification',
    `insert into parked (group_name, message_id, shard, key, channel, body, attempt, first_at, reason)
     values ('notification.email', '${randomUUID()}', 0, 'k', 'c', '{}', 0, now(), 'asking')`,
    /notification: a message is parked for good/,
  ],
  [
    'notification',
    `update inbox set outcome = 'dead' where type = 'order.announced'`,
    /notification: the inbox and the dead letters differ/,
  ],
];

describe('verifying the invariants', () => {
  const system = useSystem();
  let found: string[] = [];

  const verifyWith = async (change: (ledgers: Ledgers) => Ledgers): Promise<string[]> =>
    verifyInvariants({
      databases: system().data.whereabouts().databases,
      readLedgers: async () => change(await system().sandboxes.ledgers()),
      within: 0,
    });

  async function spoil(service: ServiceName, sql: string): Promise<void> {
    const database = new Database(system().data.whereabouts().databases[service]);
    await database.connect();
    try {
      await database.query(sql);
    } finally {
      await database.end();
    }
  }

  beforeAll(async () => {
    const ada = await system().as('ada');
    await ada.buy();
    await ada.buy({ payment: { method: 'card', token: 'tok_declined' } });
  });

  it('finds nothing wrong with a system that works', async () => {
    expect(await system().verify()).toEqual([]);
  });

  it('finds a second charge and a stray parcel in the books of others', async () => {
    const charged = await verifyWith(({ provider, carriers }) => ({
      provider: provider.map((each) => ({ ...each, charges: each.charges * 2 })),
      carriers: carriers.map((each) => ({ ...each, operationId: `${randomUUID()}/book-shipment` })),
    }));
    expect(charged).toContainEqual(expect.stringMatching(/provider: it charged an order more/));
    expect(charged).toContainEqual(expect.stringMatching(/shipping never heard of it/));
  });

  it('waits for what is under way, and names it when it stays', async () => {
    const body = '{"type":"stuck.message"}';
    await spoil(
      'order',
      `insert into outbox (id, broker, lane, channel, key, body)
       values ('${randomUUID()}', 'nowhere', 0, 'c', 'k', '${body}')`,
    );
    expect(await verifyWith((ledgers) => ledgers)).toEqual([
      'order: 1 messages wait in the outbox',
    ]);
    await spoil('order', `delete from outbox where broker = 'nowhere'`);
  });

  it('finds everything that is spoilt in the databases', async () => {
    for (const [service, sql] of wrongs) await spoil(service, sql);
    found = await verifyWith((ledgers) => ledgers);
    expect(found.length).toBeGreaterThanOrEqual(wrongs.length);
  });

  it.each(wrongs)('tells of %s: %s', (_service, _sql, says) => {
    expect(found).toContainEqual(expect.stringMatching(says));
  });
});
