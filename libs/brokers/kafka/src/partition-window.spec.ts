import { describe, expect, it } from '@jest/globals';
import { type Entry, PartitionWindow } from './partition-window.ts';

/** A window that has read `count` offsets from `first` on, each with its offset as its body. */
function windowOf(first: number, count: number): PartitionWindow {
  const window = new PartitionWindow('topic', 'channel', 0);
  for (let offset = first; offset < first + count; offset += 1) {
    window.accept({
      offset,
      body: `${offset}`,
      at: 1_000 + offset,
      expiresAt: null,
      deliveries: 0,
      state: 'waiting',
    });
  }
  return window;
}
const takeAll = (window: PartitionWindow): Entry[] => {
  const taken: Entry[] = [];
  for (let entry = window.take(); entry; entry = window.take()) taken.push(entry);
  return taken;
};
const offsets = (entries: readonly Entry[]) => entries.map(({ offset }) => offset);

describe('what was read of a partition', () => {
  it('is committed up to the first that is not settled, whatever order it is settled in', () => {
    const window = windowOf(10, 4);
    const [a, b, c, d] = takeAll(window) as [Entry, Entry, Entry, Entry];
    window.settle(c);
    window.settle(b);
    expect(window.lowWater()).toBe(10);
    window.settle(a);
    expect(window.lowWater()).toBe(13);
    window.settle(d);
    expect(window.lowWater()).toBe(14);
  });

  it('is committed past what nobody was to get', () => {
    const window = windowOf(0, 1);
    window.skip(1);
    window.skip(2);
    expect(window.lowWater()).toBe(0);
    const [only] = takeAll(window) as [Entry];
    window.settle(only);
    expect(window.lowWater()).toBe(3);
  });

  it('has nothing to commit before anything was read', () => {
    expect(new PartitionWindow('topic', 'channel', 0).lowWater()).toBe(null);
  });

  it('comes again in its old order when it is given back', () => {
    const window = windowOf(0, 6);
    const taken = [window.take(), window.take(), window.take()] as [Entry, Entry, Entry];
    window.giveBack(taken[1]);
    window.giveBack(taken[2]);
    window.giveBack(taken[0]);
    expect(offsets(takeAll(window))).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('keeps its order and its commits over thousands of records', () => {
    const window = windowOf(0, 5_000);
    const seen: number[] = [];
    for (let entry = window.take(); entry; entry = window.take()) {
      if (entry.deliveries === 0 && entry.offset % 3 === 0) {
        entry.deliveries += 1;
        window.giveBack(entry);
        continue;
      }
      seen.push(entry.offset);
      window.settle(entry);
      expect(window.lowWater()).toBe(entry.offset + 1);
    }
    expect(seen).toEqual(Array.from({ length: 5_000 }, (_, n) => n));
    expect([window.waiting, window.inHand, window.size]).toEqual([0, 0, 0]);
  });

  it('knows what it has read before', () => {
    const window = windowOf(5, 2);
    expect([window.isNew(6), window.isNew(7)]).toEqual([false, true]);
  });

  it('is as old as the first that is not settled', () => {
    const window = windowOf(0, 2);
    const [first] = takeAll(window) as [Entry];
    expect(window.oldestAt()).toBe(1_000);
    window.settle(first);
    expect(window.oldestAt()).toBe(1_001);
  });
});
