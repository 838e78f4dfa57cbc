import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fairShare } from './fair-share.ts';

const countOf = (owners: readonly string[], member: string): number =>
  owners.filter((owner) => owner === member).length;

describe('the fair share of partitions', () => {
  it('gives every member the same number, give or take one, whatever the order of the members', () => {
    const members = fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(members, fc.integer({ min: 1, max: 64 }), (found, partitions) => {
        const owners = fairShare(partitions, found);
        const counts = found.map((member) => countOf(owners, member));
        expect(owners.length).toBe(partitions);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        expect(fairShare(partitions, [...found].reverse())).toEqual(owners);
      }),
    );
  });

  it('leaves most partitions where they are when a member comes', () => {
    const before = fairShare(64, ['a', 'b', 'c']);
    const after = fairShare(64, ['a', 'b', 'c', 'd']);
    const moved = after.filter((owner, partition) => owner !== before[partition]);
    expect(moved.length).toBeLessThan(40);
  });
});
