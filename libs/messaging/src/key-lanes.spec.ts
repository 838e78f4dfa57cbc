import { describe, expect, it } from '@jest/globals';
import { KeyLanes } from './key-lanes.ts';

/** Lanes in which `out` of key a is out and the others wait behind it. */
function lanesOf(out: string, ...waiting: readonly string[]): KeyLanes<string> {
  const lanes = new KeyLanes<string>();
  for (const item of [out, ...waiting]) lanes.enter('a', item);
  return lanes;
}

describe('a key', () => {
  it('lets one out at a time, the others in their order, and other keys pass', () => {
    const lanes = new KeyLanes<string>();
    expect(['one', 'two', 'three'].map((item) => lanes.enter('a', item))).toEqual([
      true,
      false,
      false,
    ]);
    expect(lanes.enter('b', 'other')).toBe(true);
    expect([lanes.done('a', 'one'), lanes.done('a', 'two'), lanes.done('a', 'three')]).toEqual([
      'two',
      'three',
      undefined,
    ]);
    expect(lanes.enter('a', 'four')).toBe(true);
  });

  it('is freed only by the one that is out', () => {
    const lanes = lanesOf('one', 'two');
    expect([lanes.done('a', 'two'), lanes.evict('a', 'two')]).toEqual([undefined, []]);
    expect([lanes.isOut('a', 'one'), lanes.isOut('a', 'two')]).toEqual([true, false]);
  });

  it('is free when all who wait are taken out', () => {
    const lanes = lanesOf('one', 'two', 'three');
    expect(lanes.evict('a', 'one')).toEqual(['two', 'three']);
    expect(lanes.enter('a', 'four')).toBe(true);
  });

  it('knows who is out and who waits', () => {
    const has = (item: string) => lanesOf('one', 'two').some('a', (each) => each === item);
    expect([has('one'), has('two'), has('three')]).toEqual([true, true, false]);
    expect(lanesOf('one').some('b', () => true)).toBe(false);
  });
});
