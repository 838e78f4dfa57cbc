import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Ledgers } from './invariants/ledgers.ts';
import { type DataSources, withDatabases } from './invariants/service-databases.ts';
import { brokenInvariants, verifyInvariants } from './invariants/verify-invariants.ts';
import { type Wrong, wrongs } from './invariants/wrongs/index.ts';
import { eventually } from './system/eventually.ts';
import { sendBack } from './system/returning-shopper.ts';
import { useSystem } from './system/test-system.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Removes check constraints and disables triggers, so that every violation can be written. */
const disarm = `do $$ declare found record; begin
  for found in select conrelid::regclass as its_table, conname from pg_constraint
    where contype = 'c' and coninhcount = 0 and connamespace = 'public'::regnamespace and conrelid <> 0 loop
    execute format('alter table %s drop constraint %I', found.its_table, found.conname);
  end loop;
  for found in select distinct tgrelid::regclass as its_table from pg_trigger where not tgisinternal loop
    execute format('alter table %s disable trigger user', found.its_table);
  end loop;
end $$`;

/** The columns that are written, without generated ones. */
const writtenColumns = `select string_agg(quote_ident(attname), ', ' order by attnum) as columns from pg_attribute
  where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`;

/** Moves all handled messages into the inbox, one row per message, so that each can be changed alone. */
const unpack = `update inbox i set (key, type, source, correlation_id, causation_id, channel, broker, attempt, outcome, at, duration_ms)
    = (h.key, h.type, h.source, h.correlation_id, h.causation_id, h.channel, h.broker, h.attempt, h.outcome, h.at, h.duration_ms)
  from handled h where i.key is null and h.message_id = i.message_id and h.group_name = i.group_name;
  delete from journey_page`;

/** The sentences that the invariants can report, from their sources. */
function sentences(): readonly string[] {
  const folders = [
    ...readdirSync(join(root, 'services')).map((name) =>
      join(root, 'services', name, 'src/storage'),
    ),
    join(root, 'libs/testing/src/invariants'),
    join(root, 'e2e/invariants'),
  ];
  const files = folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((file) => /invariants\.ts$/.test(file));
  const pattern = /(?:says[:=]|says =|violation\('\w+',) '([^']+)'/g;
  return files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(pattern)].map(([, says = '']) => says),
  );
}

describe('verifying the invariants', () => {
  let databases: DataSources;
  let close: () => void;
  let closed: Promise<void>;
  afterAll(() => {
    close();
    return closed;
  });
  const system = useSystem();
  let ledgers: Ledgers;
  const everything: string[] = [];

  const verify = (change = (its: Ledgers): Ledgers => its) =>
    brokenInvariants(databases, { readLedgers: async () => change(ledgers) });

  /** Runs `look` while a table has wrong rows, then restores the table. */
  async function whileSpoilt<R>(
    { at, table, sql }: NonNullable<Wrong['spoil']>,
    look: () => Promise<R>,
  ): Promise<R> {
    const database = databases[at];
    await database.query(`create table kept as table ${table}`);
    try {
      await database.query(sql);
      return await look();
    } finally {
      await database.query(`delete from ${table}`);
      const [written] = await database.query<{ columns: string }[]>(writtenColumns, [table]);
      const columns = written?.columns;
      await database.query(
        `insert into ${table} (${columns}) overriding system value select ${columns} from kept`,
      );
      await database.query('drop table kept');
    }
  }

  beforeAll(async () => {
    const ada = await system().as('ada');
    const ops = await system().as('ops');
    await ops.post('/api/v1/vouchers', { code: 'WRONGS', percent: 10 });
    await ops.post('/api/v1/webhooks', {
      url: 'https://hooks.example/',
      events: ['order.confirmed'],
    });
    await ada.buy({ voucherCode: 'WRONGS' });
    await ada.buy({ payment: { method: 'card', token: 'tok_declined' } });
    await ada.buy({ payment: { method: 'card', token: 'tok_capture_fails' } });
    const amount = { amount: 10_000_000, currency: 'EUR' };
    await ops.post(`/api/v1/customers/${ada.userId}/credit/deposit`, { amount });
    const creditAmount = { amount: 500, currency: 'EUR' };
    const payment = { method: 'card_and_credit', token: 'tok_visa', creditAmount };
    await ada.cancel((await ada.buy({ payment })).id);
    const { id, lines } = await ada.buy({ payment });
    await system().sandboxes.moveParcel(id, 'delivered');
    await system().reaches(ada, id, 'delivered');
    const returning = {
      share: 1,
      deliver: (order: string) => system().sandboxes.moveParcel(order, 'delivered'),
      operator: ops,
    };
    const goods = lines.map(({ sku, quantity }) => ({ sku, quantity }));
    expect(await sendBack(ada, returning, { id, lines: goods }, () => true)).toBe(true);
    // An order that waits for its customer violates nothing.
    const { body } = await ada.placeOrder({ payment: { method: 'card', token: 'tok_3ds' } });
    await eventually('its customer is asked', async () => {
      const { payment } = await ada.order(body.id);
      return payment.status === 'requires_action';
    });
    expect(await system().verify()).toEqual([]);
    // Orders are shown with their invoices: none is left to be issued when the system is killed.
    await ada.all('/api/v1/orders', { query: { limit: 200 } });
    ledgers = await system().sandboxes.ledgers();
    // Only PostgreSQL keeps running, so that no service reacts to the changes in the databases.
    await system().kill9();
    await new Promise<void>((opened) => {
      closed = withDatabases(system().data.whereabouts().databases, (all) => {
        databases = all;
        opened();
        return new Promise((resolve) => {
          close = resolve;
        });
      });
    });
    for (const database of Object.values(databases)) {
      await database.query(disarm);
      await database.query(unpack);
    }
    // All of these orders may be confirmed within the second that clocks are allowed to differ by.
    await databases.notification.query(
      `update webhooks set active_since = active_since - interval '1 second'`,
    );
  });

  it.each(
    wrongs.map((wrong) => ({
      wrong,
      how: wrong.spoil?.sql.replace(/\s+/g, ' ') ?? 'what is told of its books',
    })),
  )('tells "$wrong.says" of: $how', async ({ wrong: { teller, says, spoil, change } }) => {
    const told = spoil ? await whileSpoilt(spoil, () => verify(change)) : await verify(change);
    everything.push(...told);
    expect(told.filter((each) => each.startsWith(`${teller}: `))).toContainEqual(
      expect.stringContaining(says),
    );
  });

  it('finds nothing wrong where a request was sent again, as operators may have it', async () => {
    const again = `insert into inbox select (jsonb_populate_record(i, jsonb_build_object('message_id',
        left(message_id::text, -1) || case right(message_id::text, 1) when 'f' then '0' else 'f' end))).*
      from inbox i where type in ('inventory.reserve-stock', 'payment.authorize-payment', 'shipping.book-shipment')`;
    for (const at of ['inventory', 'payment', 'shipping'] as const) {
      const found = await whileSpoilt({ at, table: 'inbox', sql: again }, verify);
      expect([at, found]).toEqual([at, []]);
    }
  });

  it('finds nothing wrong any more once all is as it was', async () => {
    expect(await verify()).toEqual([]);
  });

  it('has told every sentence that it can tell', () => {
    const told = everything.join('\n');
    expect(sentences().length).toBeGreaterThan(40);
    expect(sentences().filter((each) => !told.includes(each))).toEqual([]);
  });

  it.each([
    [
      'events are not in the list',
      'customer',
      'projection_checkpoint',
      'delete from projection_checkpoint',
    ],
    [
      'order: sagas that have not ended: 1, such as cancel-order:',
      'order',
      'sagas',
      `update sagas set status = 'running' where id like 'cancel-order:%'`,
    ],
    [
      'order: 1 messages wait in the outbox',
      'order',
      'outbox',
      `insert into outbox (id, broker, lane, channel, key, body)
       values (gen_random_uuid(), 'nowhere', 0, 'c', 'k', '{"type":"stuck.message"}')`,
    ],
  ] as const)(
    'waits for what is under way, and names it when it stays: %s',
    async (says, at, table, sql) => {
      const options = {
        databases: system().data.whereabouts().databases,
        readLedgers: async () => ledgers,
        within: 0,
      };
      await whileSpoilt({ at, table, sql }, async () => {
        expect(await verifyInvariants(options)).toEqual([expect.stringContaining(says)]);
      });
      expect(await verifyInvariants(options)).toEqual([]);
    },
  );
});
