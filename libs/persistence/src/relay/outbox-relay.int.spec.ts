import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Brokers, type OutboxRow, oneBroker } from '@waybill/messaging';
import type { Pool, PoolClient } from 'pg';
import { poolOf, serviceDataSource } from '../data-source.ts';
import { PgStore } from '../pg-store.ts';
import { eventually } from '../testing/eventually.ts';
import { batchOf, outboxRow, shop } from '../testing/orders.fixture.ts';
import { TestBroker } from '../testing/test-broker.fixture.ts';
import { type TestDatabase, testDatabase } from '../testing/test-database.ts';
import { OutboxRelay } from './outbox-relay.ts';
import type { OutboxRelayOptions } from './outbox-relay-options.ts';

let database: TestDatabase;
let store: PgStore;
let broker: TestBroker;
const running: OutboxRelay[] = [];
const lent: PoolClient[] = [];

beforeAll(async () => {
  database = await testDatabase({ ...shop, poolSize: 20 });
  store = new PgStore(database.pool, database.tables);
}, 60_000);
afterAll(() => database?.close());
beforeEach(async () => {
  broker = new TestBroker();
  await database.pool.query('truncate outbox, outbox_page, relay_lane, relay_owner');
});
afterEach(async () => {
  broker.holding = false;
  for (const { settle } of broker.held.splice(0)) settle();
  for (const client of lent.splice(0)) client.release(true);
  for (const relay of running.splice(0)) await relay.close(200);
  await database.shiftClock(0);
});

async function relayWith(options: Partial<OutboxRelayOptions> = {}): Promise<OutboxRelay> {
  const relay = new OutboxRelay({
    pool: database.pool,
    brokers: oneBroker(broker),
    exclusive: true,
    random: () => 0,
    ...options,
  });
  running.push(relay);
  await relay.start();
  return relay;
}

async function commit(rows: readonly OutboxRow[]) {
  const { outboxSeqs } = await store.commit(batchOf({ outbox: rows }));
  return rows.map((row, i) => ({ ...row, seq: outboxSeqs[i] as number }));
}

type Committed = Awaited<ReturnType<typeof commit>>;
const offer = (relay: OutboxRelay, rows: Committed): void =>
  relay.offer(
    rows,
    rows.map(({ seq }) => seq),
  );
const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);
/** Time passes, but timers of 500 ms and more never fire, so nothing is polled. */
const withoutPolls = {
  now: () => new Date(),
  after: (ms: number, run: () => void) => {
    if (ms >= 500) return () => {};
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
/** Holds back one response of the statement `name`, the `which`-th, until the test releases it. */
function slowPool(name: string, which: number) {
  let give = (): void => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  const answer = { isThere: false, give };
  let asked = 0;
  const query = async (...args: unknown[]) => {
    const found = await (database.pool.query as (...args: unknown[]) => Promise<unknown>)(...args);
    if ((args[0] as { name?: string }).name !== name) return found;
    asked += 1;
    if (asked !== which) return found;
    answer.isThere = true;
    await given;
    return found;
  };
  const pool = { query, connect: () => database.pool.connect() } as unknown as Pool;
  return [pool, answer] as const;
}
/** A connection for a transaction that a test leaves open; it ends with the test. */
async function lend(): Promise<PoolClient> {
  const client = await database.pool.connect();
  lent.push(client);
  return client;
}
/** Writes a row as a transaction outside the batches does. */
async function insert(
  client: PoolClient,
  { id, broker, outboxPartition, channel, key, body }: OutboxRow,
) {
  const { rows } = await client.query<{ seq: string; broker: string; lane: number }>(
    `insert into outbox (id, broker, lane, channel, key, due_at, body) values ($1, $2, $3, $4, $5, null, $6)
    returning seq, broker, lane`,
    [id, broker, outboxPartition, channel, key, body],
  );
  const [row] = rows as [{ seq: string; broker: string; lane: number }];
  return { ...row, seq: Number(row.seq) };
}
const stored = async () =>
  (
    await database.pool.query(
      'select (select count(*) from outbox)::int + (select coalesce(sum(cardinality(seqs)), 0) from outbox_page)::int n',
    )
  ).rows[0].n as number;

it('publishes what a killed predecessor was committing before what it commits itself', async () => {
  const late = await lend();
  const [first, second] = [outboxRow({ key: 'a' }), outboxRow({ key: 'a' })];
  await late.query('begin');
  await insert(late, first);
  let snapshots = 0;
  const query = (...args: Parameters<Pool['query']>) => {
    if (String(args[0]).includes('pg_current_snapshot')) snapshots += 1;
    return database.pool.query(...args);
  };
  const pool = { query, connect: () => database.pool.connect() } as unknown as Pool;
  const starts = relayWith({ clock: withoutPolls, pool });
  await eventually(() => snapshots > 2);
  await late.query('commit');
  offer(await starts, await commit([second]));
  await eventually(() => broker.published.length === 2);
  expect(broker.published.map(({ envelope }) => envelope.id)).toEqual(idsOf([first, second]));
});

it('tries a broker that stays away again for many outbox partitions together', async () => {
  broker.failWith = () => new Error('away');
  let calls = 0;
  const publish = broker.publish.bind(broker);
  broker.publish = (...args) => {
    calls += 1;
    publish(...args);
  };
  const tries = () => broker.published.length;
  const count = 20;
  await commit(
    Array.from({ length: count }, (_, n) => outboxRow({ outboxPartition: n, key: `${n}` })),
  );
  await relayWith({ random: Math.random });
  await eventually(() => tries() >= count * 7);
  const [triesBefore, callsBefore] = [tries(), calls];
  await eventually(() => tries() >= triesBefore + count);
  expect(calls - callsBefore).toBeLessThan(count / 2);
}, 30_000);

describe.each([
  ['pages', true],
  ['single rows', false],
])('committed as %s', (_, own) => {
  const rowsOf = (count: number, parts: Partial<OutboxRow> = {}) =>
    Array.from({ length: count }, () => outboxRow({ own, ...parts }));

  describe('after a commit', () => {
    it('publishes what was offered, in order, and deletes it when it was confirmed', async () => {
      const relay = await relayWith();
      await eventually(() => relay.stats().behind === 0);
      const rows = rowsOf(50);
      offer(relay, await commit(rows));
      await eventually(() => broker.taken.length === 50);
      expect(broker.taken).toEqual(idsOf(rows));
      await eventually(async () => (await stored()) === 0);
      expect(broker.published).toHaveLength(50);
    });

    it('deletes it also when that failed at first, and nothing else comes', async () => {
      let failures = 1;
      const query = async (...args: unknown[]) => {
        const { name = '' } = args[0] as { name?: string };
        if (name.startsWith('outbox_delete') && failures-- > 0) throw new Error('away');
        return (database.pool.query as (...args: unknown[]) => Promise<unknown>)(...args);
      };
      const relay = await relayWith({ pool: { query } as unknown as Pool });
      await eventually(() => relay.stats().behind === 0);
      offer(relay, await commit(rowsOf(3)));
      await eventually(async () => (await stored()) === 0);
      expect(failures).toBeLessThan(0);
    });

    it('hands confirmed pages to the next batch, and takes them back when it fails', async () => {
      const relay = await relayWith();
      await eventually(() => relay.stats().behind === 0);
      const rows = await commit(rowsOf(3, { own: true }));
      offer(relay, rows);
      await eventually(() => broker.taken.length === 3);
      const pages = relay.takeConfirmed();
      expect(pages).toMatchObject([{ first: rows[0]?.seq, last: rows[2]?.seq }]);
      expect(relay.takeConfirmed()).toEqual([]);
      relay.restore(pages);
      expect(relay.takeConfirmed()).toEqual(pages);
      await store.commit(batchOf({ confirmed: pages }));
      expect(await stored()).toBe(0);
    });

    it('sends live messages without the outbox and counts those that are lost', async () => {
      const relay = await relayWith();
      broker.failWith = () => new Error('nobody');
      relay.announce([outboxRow().envelope]);
      expect(broker.published).toHaveLength(1);
      expect(relay.stats().lost).toBe(1);
    });
  });

  describe('after a commit whose answer was lost', () => {
    it('publishes its rows before those that are offered later', async () => {
      const relay = await relayWith();
      await eventually(() => relay.stats().behind === 0);
      const lost = rowsOf(3);
      await commit(lost);
      const fresh = rowsOf(2);
      const offered = await commit(fresh);
      relay.missed();
      offer(relay, offered);
      await eventually(() => broker.taken.length === 5);
      expect(broker.taken).toEqual(idsOf([...lost, ...fresh]));
    });
  });

  it('settles every row, also when two are one message', async () => {
    const relay = await relayWith();
    await eventually(() => relay.stats().behind === 0);
    const [row] = rowsOf(1);
    if (!row) throw new Error('there is no row');
    offer(relay, await commit([row, row]));
    await eventually(async () => (await stored()) === 0);
    expect(relay.stats()).toMatchObject({ inFlight: 0, published: 2 });
  });

  describe('after a crash', () => {
    it('publishes what was committed and never offered, before what is offered now', async () => {
      const left = rowsOf(2_500);
      for (let i = 0; i < left.length; i += 500) await commit(left.slice(i, i + 500));
      const relay = await relayWith();
      const fresh = rowsOf(1);
      offer(relay, await commit(fresh));
      await eventually(() => broker.taken.length === 2_501);
      expect(broker.taken).toEqual(idsOf([...left, ...fresh]));
    });

    it('publishes again what was published and not deleted', async () => {
      const first = await relayWith();
      broker.holding = true;
      const rows = await commit(rowsOf(3));
      offer(first, rows);
      await eventually(() => broker.held.length === 3);
      broker.held.length = 0;
      broker.holding = false;
      await relayWith();
      await eventually(() => broker.taken.length === 3);
      expect(broker.taken).toEqual(idsOf(rows));
    });

    it('finds rows of a process that died between its commit and its offer', async () => {
      const relay = await relayWith();
      await eventually(() => relay.stats().behind === 0);
      const rows = await commit(rowsOf(2));
      await database.shiftClock(60_000);
      await eventually(() => broker.taken.length === 2);
      expect(broker.taken).toEqual(idsOf(rows));
    });

    it('sends rows for a broker that is no longer configured to the one that carries their kind', async () => {
      const rows = await commit(rowsOf(2, { broker: 'gone' }));
      await relayWith();
      await eventually(() => broker.taken.length === 2);
      expect(broker.taken).toEqual(idsOf(rows));
    });
  });

  describe('when a broker refuses', () => {
    it('stops the outbox partition, begins again with the refused message, and keeps the order', async () => {
      const relay = await relayWith({ window: 1 });
      await eventually(() => relay.stats().behind === 0);
      const rows = rowsOf(20);
      let refusals = 3;
      broker.failWith = ({ envelope }) =>
        envelope.id === rows[7]?.id && refusals-- > 0 ? new Error('no') : undefined;
      offer(relay, await commit(rows));
      await eventually(() => broker.taken.length === 20);
      expect(broker.taken).toEqual(idsOf(rows));
      expect(relay.stats().failed).toBe(3);
    });

    it('lets the other outbox partitions and the other brokers go on', async () => {
      const [kafka, rabbit] = [new TestBroker('kafka'), new TestBroker('rabbitmq')];
      const relay = await relayWith({
        brokers: new Brokers(
          new Map([
            ['event', kafka],
            ['command', rabbit],
          ]),
        ),
      });
      kafka.failWith = ({ envelope }) => (envelope.key === 'bad' ? new Error('no') : undefined);
      const bad = rowsOf(5, { broker: 'kafka', outboxPartition: 1, key: 'bad' });
      const good = rowsOf(5, { broker: 'kafka', outboxPartition: 2, key: 'good' });
      const other = rowsOf(5, { broker: 'rabbitmq', outboxPartition: 1, key: 'bad' });
      offer(relay, await commit([...bad, ...good, ...other]));
      await eventually(() => kafka.taken.length === 5 && rabbit.taken.length === 5);
      expect(kafka.taken).toEqual(idsOf(good));
      const lag = (await relay.lag()).find(({ broker: name }) => name === 'kafka');
      expect(lag?.waiting).toBeGreaterThanOrEqual(5);
      kafka.failWith = () => undefined;
      await eventually(() => kafka.taken.length === 10);
      expect(kafka.taken.slice(5)).toEqual(idsOf(bad));
    });

    it('goes on after a broker that throws', async () => {
      const relay = await relayWith();
      let throws = 1;
      broker.failWith = () => {
        if (throws-- > 0) throw new Error('broken adapter');
        return undefined;
      };
      const rows = rowsOf(3);
      offer(relay, await commit(rows));
      await eventually(() => broker.taken.length === 3);
      expect(broker.taken).toEqual(idsOf(rows));
    });
  });

  describe('a row that is no message', () => {
    const spoil = async (seq: number) => {
      await database.pool.query('select outbox_unpack(array(select seq from outbox_page))');
      await database.pool.query('update outbox set body = $2 where seq = $1', [
        seq,
        '{"no":"message"}',
      ]);
    };

    it('stops its own outbox partition alone, in its turn, and says which row it is', async () => {
      const lines: string[] = [];
      const rows = await commit([
        ...rowsOf(5, { outboxPartition: 1, key: 'a' }),
        ...rowsOf(5, { outboxPartition: 2, key: 'b' }),
      ]);
      const spoilt = rows[2] as (typeof rows)[0];
      await spoil(spoilt.seq);
      const relay = await relayWith({ onError: (error) => lines.push(String(error)) });
      await eventually(() => broker.taken.length === 7);
      const later = await commit(rowsOf(3, { outboxPartition: 2, key: 'b' }));
      offer(relay, later);
      await eventually(() => broker.taken.length === 10 && lines.length > 1);
      const expected = [...rows.slice(0, 2), ...rows.slice(5), ...later];
      expect(new Set(broker.taken)).toEqual(new Set(idsOf(expected)));
      expect(lines[0]).toContain(`row ${spoilt.seq} of the outbox is not a message`);
      // An operator repairs the row.
      await database.pool.query('update outbox set body = $2 where seq = $1', [
        spoilt.seq,
        spoilt.body,
      ]);
      await eventually(() => broker.taken.length === 13);
      expect(broker.taken.slice(10)).toEqual(idsOf(rows.slice(2, 5)));
    });

    it('stops its outbox partition also when it was committed to one that holds all its rows', async () => {
      const lines: string[] = [];
      const relay = await relayWith({ onError: (error) => lines.push(String(error)) });
      await eventually(() => relay.stats().behind === 0);
      const [row] = await commit(rowsOf(1, { outboxPartition: 1, key: 'a' }));
      await spoil(row?.seq ?? 0);
      await database.shiftClock(60_000);
      await eventually(() => lines.length > 1);
      offer(relay, await commit(rowsOf(2, { outboxPartition: 2, key: 'b' })));
      await eventually(() => broker.taken.length === 2);
      expect(lines.every((each) => each.includes(`row ${row?.seq} of the outbox`))).toBe(true);
    });
  });

  describe('memory', () => {
    it('leaves rows in the table when too many wait, and publishes all of them in order', async () => {
      const relay = await relayWith({ window: 5, maxWaiting: 20 });
      await eventually(() => relay.stats().behind === 0);
      broker.holding = true;
      const rows = rowsOf(200);
      for (let i = 0; i < rows.length; i += 50) offer(relay, await commit(rows.slice(i, i + 50)));
      expect(relay.stats().queued).toBeLessThanOrEqual(20);
      broker.holding = false;
      for (const { settle } of broker.held.splice(0)) settle();
      await eventually(() => broker.taken.length === 200);
      expect(broker.taken).toEqual(idsOf(rows));
    });
  });

  describe('messages with a due time', () => {
    it('are published when they are due by the clock of the database, and not before', async () => {
      const relay = await relayWith();
      await eventually(() => relay.stats().behind === 0);
      const later = outboxRow({ dueAt: new Date(Date.now() + 3_600_000).toISOString() });
      const soon = outboxRow({ dueAt: new Date(Date.now() + 50).toISOString() });
      offer(relay, await commit([later, soon]));
      await eventually(() => broker.taken.length === 1);
      expect(broker.taken).toEqual([soon.id]);
      await database.shiftClock(3_700_000);
      await eventually(() => broker.taken.length === 2);
      expect(broker.taken).toEqual([soon.id, later.id]);
    });
  });

  describe('with several processes', () => {
    it('shares the outbox partitions, and wakes the owner of one that another process wrote to', async () => {
      const [one, two] = [new TestBroker(), new TestBroker()];
      const first = await relayWith({ exclusive: false, brokers: oneBroker(one) });
      expect(first.stats().outboxPartitions).toBe(64);
      const second = await relayWith({ exclusive: false, brokers: oneBroker(two) });
      await eventually(
        () => first.stats().outboxPartitions === 32 && second.stats().outboxPartitions === 32,
      );
      await eventually(() => first.stats().behind === 0 && second.stats().behind === 0);
      const rows = Array.from({ length: 64 }, (_, outboxPartition) =>
        outboxRow({ outboxPartition, key: `k${outboxPartition}`, own }),
      );
      offer(first, await commit(rows));
      await eventually(() => one.taken.length + two.taken.length === 64);
      expect(one.taken).toHaveLength(32);
      expect(new Set([...one.taken, ...two.taken])).toEqual(new Set(idsOf(rows)));
    });

    it('publishes what another process has committed for a key before what it commits itself later', async () => {
      const relay = await relayWith({ exclusive: false });
      await eventually(() => relay.stats().behind === 0);
      const ids: string[] = [];
      for (let round = 0; round < 20; round += 1) {
        const theirs = await commit(rowsOf(2));
        const ours = await commit(rowsOf(1));
        ids.push(...idsOf([...theirs, ...ours]));
        offer(relay, ours);
      }
      await eventually(() => broker.taken.length >= 60);
      expect(broker.taken).toEqual(ids);
    });

    it('waits for no number that a failed transaction has used up', async () => {
      const relay = await relayWith({ exclusive: false, clock: withoutPolls });
      await eventually(() => relay.stats().behind === 0);
      const ids: string[] = [];
      for (let round = 0; round < 5; round += 1) {
        await database.pool.query(
          `select nextval(pg_get_serial_sequence('outbox', 'seq')) from generate_series(1, 3)`,
        );
        const ours = await commit(rowsOf(2));
        ids.push(...idsOf(ours));
        offer(relay, ours);
      }
      await eventually(() => broker.taken.length === 10);
      expect(broker.taken).toEqual(ids);
    });

    it('takes what another process has committed as soon as that one says so, without a poll', async () => {
      const [one, two] = [new TestBroker(), new TestBroker()];
      const owner = await relayWith({
        exclusive: false,
        brokers: oneBroker(one),
        clock: withoutPolls,
      });
      await eventually(() => owner.stats().behind === 0);
      const writer = await relayWith({
        exclusive: false,
        brokers: oneBroker(two),
        clock: withoutPolls,
      });
      expect(writer.stats().outboxPartitions).toBe(0);
      const rows = rowsOf(5);
      offer(writer, await commit(rows));
      await eventually(() => one.taken.length === 5);
      expect([one.taken, two.taken]).toEqual([idsOf(rows), []]);
    });

    it('publishes the row of a transaction that began last, took its number first and ends last', async () => {
      const relay = await relayWith({ exclusive: false, clock: withoutPolls });
      await eventually(() => relay.stats().behind === 0);
      const [early, late] = [await lend(), await lend()];
      const [first, second] = rowsOf(2) as [OutboxRow, OutboxRow];
      for (const each of [early, late]) {
        await each.query('begin');
        await each.query('select pg_current_xact_id()');
      }
      const written = [await insert(late, first), await insert(early, second)] as const;
      await early.query('commit');
      for (let look = 0; look < 3; look += 1) {
        relay.written([written[1]]);
        await relay['others'].idle();
      }
      await late.query('commit');
      relay.written([written[0]]);
      await eventually(() => broker.taken.length === 2);
    });

    it('takes the outbox partitions of a process that died at once, although its lease runs on', async () => {
      const dead = serviceDataSource({ url: database.url, name: 'dead', poolSize: 3 });
      await dead.initialize();
      const relay = new OutboxRelay({
        pool: poolOf(dead),
        brokers: oneBroker(new TestBroker()),
        clock: { now: () => new Date(), after: () => () => {} },
      });
      await relay.start();
      expect(relay.stats().outboxPartitions).toBe(64);
      const alive = await relayWith({ exclusive: false });
      expect(alive.stats().outboxPartitions).toBe(0);
      await database.pool.query(
        `update relay_owner set expires_at = waybill_now() + interval '1 hour' where owner = $1`,
        [relay.owner],
      );
      await database.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'waybill-dead'`,
      );
      const heir = await relayWith({ exclusive: false });
      await eventually(() => alive.stats().outboxPartitions + heir.stats().outboxPartitions === 64);
      const { rows } = await database.pool.query<{ owner: string }>(
        'select owner from relay_owner where expires_at > waybill_now()',
      );
      expect(new Set(rows.map(({ owner }) => owner))).toEqual(new Set([alive.owner, heir.owner]));
      await dead.destroy();
    });

    it('has no outbox partitions any more when the connection ends by which the others see that it lives', async () => {
      const relay = await relayWith({ exclusive: false, clock: withoutPolls });
      expect(relay.stats().outboxPartitions).toBe(64);
      await database.pool.query(
        `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'
          and ((classid::bigint << 32) | objid::bigint) = hashtextextended($1, 0)`,
        [relay.owner],
      );
      await eventually(() => relay.stats().outboxPartitions === 0);
    });

    it('lets nobody see a message first after a later one of its outbox partition, although a frozen process goes on', async () => {
      let now = Date.now();
      const seen: string[] = [];
      const frozen = new TestBroker();
      frozen.holding = true;
      const zombie = new OutboxRelay({
        pool: database.pool,
        brokers: oneBroker(frozen),
        window: 2,
        clock: { now: () => new Date(now), after: () => () => {} },
      });
      await zombie.start();
      await eventually(() => zombie.stats().behind === 0);
      const early = await commit(rowsOf(6));
      offer(zombie, early);
      await eventually(() => frozen.held.length === 2);
      await database.shiftClock(10_000);
      const heir = await relayWith({ exclusive: false });
      const late = await commit(rowsOf(2));
      offer(heir, late);
      await eventually(() => broker.taken.length === 8);
      seen.push(...broker.taken);
      now += 10_000;
      for (const { settle } of frozen.held.splice(0)) settle();
      offer(zombie, await commit(rowsOf(1)));
      await eventually(() => broker.taken.length === 9);
      expect(seen).toEqual(idsOf([...early, ...late]));
      expect(frozen.published.map(({ envelope }) => envelope.id)).toEqual(idsOf(early.slice(0, 2)));
      await zombie.close(0);
    });

    it('takes the outbox partitions of a process whose lease has run out, and that one reads no more', async () => {
      const dead = new TestBroker();
      const zombie = new OutboxRelay({
        pool: database.pool,
        brokers: oneBroker(dead),
        exclusive: false,
        clock: { now: () => new Date(), after: () => () => {} },
      });
      await zombie.start();
      await eventually(() => zombie.stats().behind === 0);
      const heir = await relayWith({ exclusive: false });
      expect(heir.stats().outboxPartitions).toBe(0);
      const rows = await commit(rowsOf(4));
      await database.shiftClock(10_000);
      await eventually(() => heir.stats().outboxPartitions === 64);
      await eventually(() => broker.taken.length === 4);
      expect(broker.taken).toEqual(idsOf(rows));
      expect(dead.published).toEqual([]);
      await zombie.close(0);
      expect(heir.stats().outboxPartitions).toBe(64);
    });

    it('reads again what it read without a lease, although it has one again when it is told', async () => {
      let now = Date.now();
      const timers = new Map<number, () => void>();
      const [pool, answer] = slowPool('outbox_read', 2);
      const relay = new OutboxRelay({
        pool,
        brokers: oneBroker(broker),
        random: () => 0,
        clock: {
          now: () => new Date(now),
          after: (ms, run) => {
            timers.set(ms, run);
            return () => {};
          },
        },
      });
      await relay.start();
      await eventually(() => relay.stats().behind === 0);
      broker.failWith = () => new Error('no');
      const early = await commit(rowsOf(2));
      offer(relay, early);
      await eventually(() => relay.stats().paused === 1);
      broker.failWith = () => undefined;
      now += 1_700;
      await database.shiftClock(10_000);
      timers.get(25)?.();
      await eventually(() => answer.isThere);
      const lease = relay['leaseUntil'];
      timers.get(500)?.();
      await eventually(() => relay['leaseUntil'] > lease);
      now += 300;
      answer.give();
      await eventually(() => relay.stats().behind === 0);
      const late = await commit(rowsOf(1));
      offer(relay, late);
      await eventually(() => broker.taken.length === 3);
      expect(broker.taken).toEqual(idsOf([...early, ...late]));
      await relay.close(0);
    });

    it('passes over no page of its own that waits for its turn, when it reads the table meanwhile', async () => {
      const [pool, answer] = slowPool('outbox_others', 1);
      const relay = await relayWith({ exclusive: false, clock: withoutPolls, pool });
      await eventually(() => relay.stats().behind === 0);
      await database.pool.query(`select nextval('outbox_seq_seq')`);
      const ours = await commit(rowsOf(2));
      offer(relay, ours);
      const theirs = await commit(rowsOf(2));
      relay.missed();
      await eventually(() => relay.stats().behind === 0);
      answer.give();
      await eventually(() => broker.taken.length === 4);
      expect(broker.taken).toEqual(idsOf([...ours, ...theirs]));
    });

    it('stops to publish when it cannot renew its lease in time', async () => {
      let now = Date.now();
      const relay = new OutboxRelay({
        pool: database.pool,
        brokers: oneBroker(broker),
        exclusive: false,
        clock: { now: () => new Date(now), after: () => () => {} },
      });
      await relay.start();
      await eventually(() => relay.stats().behind === 0);
      const rows = await commit(rowsOf(1));
      now += 2_000;
      offer(relay, rows);
      await eventually(() => relay.stats().outboxPartitions === 0);
      expect(broker.published).toEqual([]);
      await relay.close(0);
    });
  });

  it('leaves in the table what its broker gives back while it closes, and makes no noise of it', async () => {
    const publishing: string[] = [];
    const onError = (_: unknown, doing: string) =>
      void (doing.startsWith('publish') && publishing.push(doing));
    const relay = await relayWith({ onError });
    await eventually(() => relay.stats().behind === 0);
    broker.holding = true;
    offer(relay, await commit(rowsOf(1)));
    await eventually(() => broker.held.length === 1);
    await relay.close(10);
    for (const { settle } of broker.held.splice(0)) settle(new Error('the broker is closed'));
    expect([publishing, await stored()]).toEqual([[], 1]);
  });

  it('deletes what is confirmed before it closes', async () => {
    const relay = await relayWith();
    await eventually(() => relay.stats().behind === 0);
    broker.holding = true;
    offer(relay, await commit(rowsOf(3)));
    await eventually(() => broker.held.length === 3);
    const closing = relay.close(5_000);
    for (const { settle } of broker.held.splice(0)) settle();
    await closing;
    expect(await stored()).toBe(0);
  });
});
