import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sharePartitions } from './partition-assignment.ts';

describe('sharing partitions', () => {
  it('is fair, complete, and moves nothing that need not move', () => {
    const people = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name }));
    const any = fc.subarray(people);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 16 }), any, any, (partitions, before, after) => {
        const owners = sharePartitions<object>(new Array(partitions).fill(null), before);
        const shared = sharePartitions(owners, after);
        if (after.length === 0) {
          expect(new Set(shared)).toEqual(new Set([null]));
          return;
        }
        const counts = after.map((one) => shared.filter((owner) => owner === one).length);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(partitions);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        const most = Math.ceil(partitions / after.length);
        for (const one of after) {
          const had = owners.filter((owner) => owner === one).length;
          const kept = shared.filter((owner, n) => owner === one && owners[n] === one).length;
          expect(kept).toBeGreaterThanOrEqual(Math.min(had, most - 1));
        }
      }),
    );
  });
});
