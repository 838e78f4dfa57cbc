import { beforeEach, expect, it } from '@jest/globals';
import { HandClock } from '@waybill/messaging/testing';
import { analyticsConfig } from '../analytics.config.ts';
import { SessionRoom } from './session-room.ts';

const config = analyticsConfig.parse({ SESSION_LIMIT: '2' });
let kept: Set<string>;
let isAway: boolean;
let warnings: string[];
let clock: HandClock;
let room: SessionRoom;

beforeEach(() => {
  [kept, isAway, warnings, clock] = [new Set(), false, [], new HandClock()];
  const sessions = {
    reach: async (count: number) => {
      if (isAway) throw new Error('away');
      return kept.size >= count;
    },
    have: async (ids: readonly string[]) => ids.every((id) => kept.has(id)),
  };
  const log = { warn: (_: object, text: string) => warnings.push(text) };
  room = new SessionRoom(sessions as never, clock, config, log as never);
});

/** The answer once the sessions have been counted again. */
async function admits(...ids: readonly string[]): Promise<boolean> {
  clock.advance(10_000);
  await room.admits([]);
  await new Promise((resolve) => setImmediate(resolve));
  return room.admits(ids);
}

it('is for everybody while there are few sessions', async () => {
  kept.add('one');
  expect(await admits('two', 'three')).toBe(true);
  expect(warnings).toEqual([]);
});

it('is for the sessions that are there when there are many, until some are gone', async () => {
  kept = new Set(['one', 'two']);
  expect([await admits('one', 'two'), await admits('one', 'three')]).toEqual([true, false]);
  expect(warnings).toHaveLength(1);
  kept.delete('two');
  expect(await admits('three')).toBe(true);
});

it('stays as it was while the database is away', async () => {
  isAway = true;
  expect(await admits('one')).toBe(true);
  expect(warnings).toEqual(['the sessions could not be counted']);
});
