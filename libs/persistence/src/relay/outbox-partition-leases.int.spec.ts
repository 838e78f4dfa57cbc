import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client, type Pool } from 'pg';
import { showPresence } from '../presence.ts';
import { eventually } from '../testing/eventually.ts';
import { type TestDatabase, testDatabase } from '../testing/test-database.ts';
import { OutboxPartitionLeases, type OutboxPartitionName } from './outbox-partition-leases.ts';

/** Longer than any test takes: a lease is over only where a test moves the clock. */
const leaseMs = 60_000;
let database: TestDatabase;
const living = new Map<string, Client>();

beforeAll(async () => {
  database = await testDatabase();
}, 60_000);
afterAll(() => database?.close());
beforeEach(() => database.pool.query('truncate relay_lane, relay_owner'));
afterEach(async () => {
  for (const name of [...living.keys()]) await kill(name);
  await database.shiftClock(0);
});

/** The leases of a live process; each broker has four outbox partitions. */
async function process(name: string): Promise<OutboxPartitionLeases> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(showPresence, [name]);
  living.set(name, client);
  return new OutboxPartitionLeases(database.pool, name, 4, leaseMs);
}

/** Its connections end, its lease does not. */
async function kill(name: string): Promise<void> {
  await living.get(name)?.end();
  living.delete(name);
  await eventually(async () => {
    const { rows } = await database.pool.query(
      `select count(*)::int n from pg_locks where locktype = 'advisory'
        and ((classid::bigint << 32) | objid::bigint) = hashtextextended($1, 0)`,
      [name],
    );
    return rows[0].n === 0;
  });
}

const renew = (
  leases: OutboxPartitionLeases,
  { brokers = ['kafka'], released = [] }: Partial<Renewal> = {},
) => leases.renew(brokers, released);
interface Renewal {
  readonly brokers: readonly string[];
  readonly released: readonly OutboxPartitionName[];
}
const waitsForLock = async () =>
  (
    await database.pool.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
  ).rowCount === 1;
const numbers = ({
  outboxPartitions,
}: {
  readonly outboxPartitions: readonly OutboxPartitionName[];
}) => outboxPartitions.map(({ outboxPartition }) => outboxPartition);
const owners = async () =>
  (await database.pool.query('select owner from relay_lane order by broker, lane')).rows.map(
    ({ owner }) => owner as string,
  );
const epochs = async () =>
  (await database.pool.query('select epoch::int from relay_lane order by broker, lane')).rows.map(
    ({ epoch }) => epoch as number,
  );

describe('a process', () => {
  it('has all outbox partitions of its brokers while it is alone, also those that are new', async () => {
    const one = await process('a1');
    const first = await renew(one);
    expect([numbers(first), first.share]).toEqual([[0, 1, 2, 3], 4]);
    const { outboxPartitions, share } = await renew(one, { brokers: ['kafka', 'redis'] });
    expect([outboxPartitions.length, share]).toEqual([8, 8]);
    expect(await epochs()).toEqual(Array(8).fill(1));
  });

  it('has its share, and takes nothing from one that lives', async () => {
    const [one, two, three] = [await process('b1'), await process('b2'), await process('b3')];
    await renew(one);
    expect(await renew(two)).toEqual({ outboxPartitions: [], share: 2 });
    const { outboxPartitions, share } = await renew(one);
    expect([outboxPartitions.length, share]).toEqual([4, 2]);
    expect(numbers(await renew(one, { released: outboxPartitions.slice(share) }))).toEqual([0, 1]);
    expect(numbers(await renew(two))).toEqual([2, 3]);
    expect((await renew(three)).share).toBe(2);
  });

  it('gives back only what is its own', async () => {
    const [one, two] = [await process('c1'), await process('c2')];
    const { outboxPartitions } = await renew(one);
    await renew(two, { released: outboxPartitions });
    expect(numbers(await renew(one))).toEqual([0, 1, 2, 3]);
    await two.giveBack();
    expect(numbers(await renew(one))).toEqual([0, 1, 2, 3]);
    await one.giveBack();
    expect(numbers(await renew(two))).toEqual([0, 1, 2, 3]);
  });

  it('does not count those that left, died or stand still for long', async () => {
    const [one, two, three] = [await process('d1'), await process('d2'), await process('d3')];
    for (const each of [one, two, three]) await renew(each);
    expect((await renew(one)).share).toBe(2);
    await two.giveBack();
    await kill('d3');
    expect((await renew(one)).share).toBe(4);
  });
});

describe('the outbox partitions of a process', () => {
  it('are free at once when it dies, although its lease runs on', async () => {
    const [one, two] = [await process('e1'), await process('e2')];
    await renew(one);
    await kill('e1');
    expect(numbers(await renew(two))).toEqual([0, 1, 2, 3]);
    expect(await epochs()).toEqual(Array(4).fill(2));
  });

  it('are free when it stands still for longer than its lease, and not before', async () => {
    const [one, two] = [await process('f1'), await process('f2')];
    await renew(one);
    await database.shiftClock(leaseMs / 2);
    expect(numbers(await renew(two))).toEqual([]);
    await database.shiftClock(leaseMs + 1_000);
    expect(numbers(await renew(two))).toEqual([0, 1, 2, 3]);
  });

  it('are shared anew with one that comes back late, before it looks what it has', async () => {
    const [one, two] = [await process('g1'), await process('g2')];
    await renew(one);
    await database.shiftClock(leaseMs + 1_000);
    await renew(two);
    expect(await renew(one)).toEqual({ outboxPartitions: [], share: 2 });
    expect((await renew(two)).share).toBe(2);
  });

  it('are not both of one that takes them and of one that comes back at this moment', async () => {
    const one = await process('j1');
    await process('j2');
    await renew(one);
    await database.shiftClock(leaseMs + 1_000);
    const client = await database.pool.connect();
    await client.query('begin');
    const two = new OutboxPartitionLeases(client as unknown as Pool, 'j2', 4, leaseMs);
    const taken = await renew(two);
    let isBack = false;
    const back = renew(one).finally(() => {
      isBack = true;
    });
    await eventually(async () => isBack || (await waitsForLock()));
    await client.query('commit');
    client.release();
    expect([numbers(taken), numbers(await back)]).toEqual([[0, 1, 2, 3], []]);
  });

  it('are free when their owner is gone, also those that are more than a share', async () => {
    const [one, two, three] = [await process('k1'), await process('k2'), await process('k3')];
    await renew(one);
    await renew(three);
    await kill('k1');
    expect(numbers(await renew(two))).toEqual([0, 1]);
    expect(numbers(await renew(three))).toEqual([2, 3]);
    expect(await epochs()).toEqual([2, 2, 3, 3]);
  });

  it('are taken at once, whoever has them, by the one that may be alone', async () => {
    const [one, two] = [await process('h1'), await process('h2')];
    await renew(one);
    expect((await two.takeAll(['kafka', 'redis'])).length).toBe(8);
    expect(await epochs()).toEqual(Array(8).fill(2));
    expect((await database.pool.query('select from relay_owner')).rowCount).toBe(0);
  });

  it.each([1, 2, 3])(
    'stay with the successor of a killed process whose statement %d is executed late',
    async (late) => {
      const died = new LatePool(database.pool, late, true);
      void new OutboxPartitionLeases(died as unknown as Pool, 'k1', 4, leaseMs).takeAll(['kafka']);
      await died.isLate;
      const successor = new OutboxPartitionLeases(database.pool, 'k2', 4, leaseMs);
      expect(await successor.takeAll(['kafka'])).toHaveLength(4);
      await died.execute();
      expect(await owners()).toEqual(Array(4).fill('k2'));
    },
  );

  it('are all of the successor, also when a late statement of the killed process came between its own', async () => {
    const died = new LatePool(database.pool, 3, true);
    void new OutboxPartitionLeases(died as unknown as Pool, 'l1', 4, leaseMs).takeAll(['kafka']);
    await died.isLate;
    const slow = new LatePool(database.pool, 3, false);
    const successor = new OutboxPartitionLeases(slow as unknown as Pool, 'l2', 4, leaseMs);
    const taken = successor.takeAll(['kafka']);
    await slow.isLate;
    await died.execute();
    expect(await owners()).toEqual(Array(4).fill('l1'));
    await slow.execute();
    expect(await taken).toHaveLength(4);
    expect(await owners()).toEqual(Array(4).fill('l2'));
  });

  it('leave no trace of an owner that has long been gone', async () => {
    const [one, two] = [await process('i1'), await process('i2')];
    await renew(two);
    await renew(one);
    const count = async () => (await database.pool.query('select from relay_owner')).rowCount;
    await database.shiftClock(leaseMs + 50_000);
    await renew(two);
    expect(await count()).toBe(2);
    await database.shiftClock(leaseMs + 70_000);
    await renew(two);
    expect(await count()).toBe(1);
  });
});

/** Holds one statement back until a test lets the database execute it. A killed process never learns the result. */
class LatePool {
  /** Resolves when the statement has been sent. */
  readonly isLate: Promise<void>;
  private statements = 0;
  private sent: () => void = () => {};
  private executed: () => Promise<void> = () => Promise.resolve();

  constructor(
    private readonly pool: Pool,
    private readonly late: number,
    private readonly killed: boolean,
  ) {
    this.isLate = new Promise((resolve) => {
      this.sent = resolve;
    });
  }

  query(...statement: Parameters<Pool['query']>): Promise<unknown> {
    this.statements += 1;
    if (this.statements !== this.late) return this.pool.query(...statement) as never;
    return new Promise((resolve) => {
      this.executed = async () => {
        const result = (await this.pool.query(...statement)) as unknown;
        if (!this.killed) resolve(result);
      };
      this.sent();
    });
  }

  execute(): Promise<void> {
    return this.executed();
  }
}
