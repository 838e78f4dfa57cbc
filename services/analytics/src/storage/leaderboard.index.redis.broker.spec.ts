import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { redisCommands } from '@waybill/redis';
import { OwnRedis, until } from '@waybill/redis/testing';
import type { LeaderboardName, Ranked } from '../domain/leaderboard.ts';
import { LeaderboardIndex } from './leaderboard.index.ts';
import type { LeaderboardRows } from './leaderboard.rows.ts';
import { Leaderboards } from './leaderboards.ts';

jest.setTimeout(30_000);

/** The views of products and what customers spent, in the order of the database. */
class Rows {
  readonly scores = new Map<string, number>();
  reads = 0;

  async top(_: LeaderboardName, limit: number): Promise<Ranked[]> {
    this.reads += 1;
    return [...this.scores]
      .map(([id, score]) => ({ id, score }))
      .sort((one, other) => other.score - one.score || (one.id < other.id ? 1 : -1))
      .slice(0, limit);
  }

  async among(_: LeaderboardName, ids: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set(ids.filter((id) => this.scores.has(id)));
  }

  async deleteErased(): Promise<void> {}
}

let redis: OwnRedis;
let rows: Rows;
let index: LeaderboardIndex;
let namespace: string;
const endings: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  redis = await OwnRedis.start();
  namespace = `test-${randomUUID()}`;
  rows = new Rows();
});
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
  await redis.kill();
});

async function replica(): Promise<Leaderboards> {
  const commands = redisCommands({ url: redis.url, service: 'test', namespace });
  index = new LeaderboardIndex(commands);
  const boards = new Leaderboards(rows as unknown as LeaderboardRows, index);
  endings.push(() => boards.onApplicationShutdown());
  await boards.onModuleInit();
  return boards;
}

async function spend(boards: Leaderboards, customerId: string, amount: number): Promise<void> {
  const spent = (rows.scores.get(customerId) ?? 0) + amount;
  rows.scores.set(customerId, spent);
  await boards.raiseCustomers([{ customerId, spent }]);
}

const top = async (boards: Leaderboards) =>
  (await boards.top('top-customers', 3)).map(({ id, score }) => `${id} ${score}`);

/** True if the answer came from Redis. */
async function isIndexed(boards: Leaderboards): Promise<boolean> {
  const { reads } = rows;
  await boards.top('top-customers', 3);
  return rows.reads === reads;
}

const whenIndexed = (boards: Leaderboards) =>
  until('it answers from Redis', async () => {
    await boards.sweep();
    return isIndexed(boards);
  });

it('answers from Redis, for all replicas, in the order of the rows', async () => {
  const [one, other] = [await replica(), await replica()];
  await spend(one, 'ada', 20);
  expect(await isIndexed(one)).toBe(false);
  await whenIndexed(one);
  await spend(other, 'linus', 5);
  await spend(one, 'grace', 20);
  await spend(other, 'linus', 30);
  const expected = ['linus 35', 'grace 20', 'ada 20'];
  await until('both answer from Redis', async () => (await isIndexed(one)) && isIndexed(other));
  expect([await top(one), await top(other)]).toEqual([expected, expected]);
  const fromRows = (await rows.top('top-customers', 3)).map(({ id, score }) => `${id} ${score}`);
  expect(fromRows).toEqual(expected);
});

it('a late update does not lower a score', async () => {
  const boards = await replica();
  await spend(boards, 'ada', 20);
  await whenIndexed(boards);
  await boards.raiseCustomers([{ customerId: 'ada', spent: 10 }]);
  expect(await top(boards)).toEqual(['ada 20']);
});

it('answers from the rows after Redis was wiped, and while it is away, and is rebuilt', async () => {
  const boards = await replica();
  await spend(boards, 'ada', 20);
  await whenIndexed(boards);
  await redis.kill();
  await spend(boards, 'grace', 30);
  expect([await top(boards), await isIndexed(boards)]).toEqual([['grace 30', 'ada 20'], false]);
  await redis.start();
  await whenIndexed(boards);
  expect(await top(boards)).toEqual(['grace 30', 'ada 20']);
});

it('a set that missed an update is not trusted by any replica', async () => {
  const [one, other] = [await replica(), await replica()];
  await spend(one, 'ada', 20);
  await whenIndexed(one);
  redis.freeze();
  await spend(one, 'grace', 30);
  redis.thaw();
  await until('all read the rows', async () => {
    const seen = [await top(one), await top(other)];
    return seen.every(([first]) => first === 'grace 30');
  });
});

it('an erased customer is removed, by the sweep if not at once', async () => {
  const boards = await replica();
  await spend(boards, 'ada', 20);
  await spend(boards, 'grace', 30);
  await whenIndexed(boards);
  rows.scores.delete('ada');
  await until('ada is removed', async () => {
    await boards.removeCustomers(['ada']);
    return (await index.ids('top-customers')).join() === 'grace';
  });
  rows.scores.delete('grace');
  await until('grace is removed', async () => {
    await boards.sweep();
    return (await index.ids('top-customers')).length === 0;
  });
});
