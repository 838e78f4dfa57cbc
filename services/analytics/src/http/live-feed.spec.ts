import { beforeEach, expect, it } from '@jest/globals';
import { HandClock } from '@waybill/messaging/testing';
import type { LiveNumbers } from '../storage/live.repository.ts';
import { LiveFeed } from './live-feed.ts';

const nothing: LiveNumbers = { sessions: 0, activities: 0, placed: 0, confirmed: 0, revenue: 0 };
let now: LiveNumbers | Error;
let reads: number;
let warnings: number;
let clock: HandClock;
let feed: LiveFeed;

beforeEach(() => {
  [now, reads, warnings] = [nothing, 0, 0];
  clock = new HandClock();
  const numbers = {
    read: async () => {
      reads += 1;
      if (now instanceof Error) throw now;
      return now;
    },
  };
  const warn = () => {
    warnings += 1;
  };
  feed = new LiveFeed(numbers as never, clock, { shopCurrency: 'EUR' }, { warn } as never);
});

async function second(): Promise<void> {
  clock.advance(1_000);
  for (let turn = 0; turn < 5; turn += 1) await new Promise((next) => setImmediate(next));
}

it('reads once for all readers, who get each change', async () => {
  const seen: [string, number][] = [];
  await feed.current();
  feed.follow(({ sessions }) => seen.push(['one', sessions]));
  feed.follow(({ sessions }) => seen.push(['other', sessions]));
  await second();
  expect([seen, reads]).toEqual([[], 2]);
  now = { ...nothing, sessions: 1 };
  await second();
  await second();
  expect([seen, reads]).toEqual([
    [
      ['one', 1],
      ['other', 1],
    ],
    4,
  ]);
});

it('reads only while there is a reader', async () => {
  await second();
  const leave = feed.follow(() => undefined);
  await second();
  leave();
  await second();
  expect(reads).toBe(1);
});

it('goes on when the database is back', async () => {
  const seen: number[] = [];
  feed.follow(({ sessions }) => seen.push(sessions));
  now = new Error('away');
  await second();
  now = { ...nothing, sessions: 2 };
  await second();
  expect([seen, warnings]).toEqual([[2], 1]);
});
