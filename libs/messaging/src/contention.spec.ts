import { expect, it } from '@jest/globals';
import { Contention } from './contention.ts';
import { BatchConflict } from './store.ts';
import { counters } from './testing/counters.fixture.ts';

const shared = [counters.at('hot')] as never;
const race = new BatchConflict('version', ['counters/hot']);
/** How many batches take the locks before the next one commits without. */
const locks = (contention: Contention): number => {
  for (let n = 0; ; n += 1) if (!contention.takesLocks()) return n;
};

it('takes no locks until a race for a shared state is lost, then for ever more batches, up to a limit', () => {
  const contention = new Contention();
  expect(locks(contention)).toBe(0);
  const taken = Array.from({ length: 6 }, () => {
    contention.lost(race, shared);
    return locks(contention);
  });
  expect(taken).toEqual([16, 32, 64, 128, 256, 256]);
});

it('begins anew when a batch without locks is committed', () => {
  const contention = new Contention();
  for (let i = 0; i < 3; i += 1) contention.lost(race, shared);
  locks(contention);
  contention.won();
  contention.lost(new BatchConflict('serialization'), shared);
  expect(locks(contention)).toBe(16);
});

it.each([
  new BatchConflict('version', ['counters/other']),
  new BatchConflict('seen', ['shop/m']),
  new BatchConflict('fence', ['shop/0']),
  new Error('gone'),
])('has lost nothing to %s', (error) => {
  const contention = new Contention();
  contention.lost(error, shared);
  expect(contention.takesLocks()).toBe(false);
});
