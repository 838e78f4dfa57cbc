import { describe, expect, it } from '@jest/globals';
import { ParkedKeys } from './parked-keys.ts';

describe('the number of messages that are parked on a key', () => {
  it('goes up and down, and is never less than none', () => {
    const keys = new ParkedKeys();
    keys.change('shop/a', 0, 2);
    keys.change('shop/a', 0, -1);
    expect([keys.on('shop/a'), keys.on('shop/b')]).toEqual([1, 0]);
    for (const by of [-1, -1, 1]) keys.change('shop/a', 0, by);
    expect(keys.on('shop/a')).toBe(1);
  });

  it('is what the database says, for the keys of one shard of one group', () => {
    const keys = new ParkedKeys();
    keys.change('shop/gone', 0, 2);
    const others = ['shop/elsewhere', 'shop.mail/a', 'mail/a'];
    for (const [shard, key] of others.entries()) keys.change(key, shard === 0 ? 1 : 0, 1);
    keys.replace('shop', 0, new Map([['shop/found', 3]]));
    expect(['shop/gone', 'shop/found', ...others].map((key) => keys.on(key))).toEqual([
      0, 3, 1, 1, 1,
    ]);
    keys.replace('shop', 0, new Map());
    expect(keys.on('shop/found')).toBe(0);
  });
});
