import { expect, it } from '@jest/globals';
import { StateCache } from './state-cache.ts';

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
