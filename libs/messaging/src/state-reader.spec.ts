import { expect, it } from '@jest/globals';
import { StateCache } from './state-reader.ts';
import { counters } from './testing/counters.fixture.ts';

it('remembers the states that were written last, and no more than it may', () => {
  const cache = new StateCache(2);
  for (const [version, name] of ['a', 'b', 'a', 'c'].entries())
    cache.set(name, { value: {}, version });
  expect(['a', 'b', 'c'].map((name) => cache.get(name)?.version)).toEqual([2, undefined, 3]);
  cache.evict(['a', 'none']);
  expect([cache.get('a'), cache.get('c')?.version]).toEqual([undefined, 3]);
  cache.clear();
  expect(cache.get('c')).toBeUndefined();
});

it('knows what a read found, and what it did not find', () => {
  const cache = new StateCache();
  const found = { value: { id: 'a' }, version: 3 };
  cache.set('counters/b', { value: { id: 'b' }, version: 7 });
  cache.set('counters/c', null);
  const refs = ['a', 'b', 'c', 'd'].map((id) => counters.at(id));
  cache.learn(
    refs as never,
    new Map([
      ['counters/a', found],
      ['counters/c', found],
    ]),
  );
  const known = ['a', 'b', 'c', 'd', 'e'].map((id) => cache.get(`counters/${id}`));
  expect(known).toMatchObject([{ version: 3 }, { version: 7 }, { version: 3 }, null, undefined]);
});
