import { describe, expect, it } from '@jest/globals';
import { assignPartitions, type Claim, decodeClaim, encodeClaim } from './partition-assignment.ts';

const newcomer = (member: string): Claim => ({ member, partitions: [], generation: -1 });

/** Assigns partitions to the joining members, and returns what each of them claims next. */
function joined(count: number, members: readonly string[], before: readonly Claim[]): Claim[] {
  const claims = members.map(
    (member) => before.find((each) => each.member === member) ?? newcomer(member),
  );
  const generation = Math.max(0, ...before.map((each) => each.generation)) + 1;
  return [...assignPartitions(count, claims)].map(([member, partitions]) => ({
    member,
    partitions,
    generation,
  }));
}

const moved = (before: readonly Claim[], after: readonly Claim[]): number =>
  before.flatMap(({ member, partitions }) => {
    const now = after.find((each) => each.member === member);
    return now ? partitions.filter((partition) => !now.partitions.includes(partition)) : [];
  }).length;

describe('the division of partitions', () => {
  it.each([
    [1, 1],
    [1, 3],
    [4, 3],
    [8, 2],
    [64, 7],
  ])('gives each of %i partitions to one of %i members, evenly', (count, size) => {
    const members = Array.from({ length: size }, (_, n) => newcomer(`member-${n}`));
    const shares = [...assignPartitions(count, members).values()];
    const all = shares.flat().sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: count }, (_, n) => n));
    const sizes = shares.map(({ length }) => length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });

  it('moves no more than the share of a newcomer', () => {
    const two = joined(12, ['a', 'b'], []);
    const three = joined(12, ['a', 'b', 'c'], two);
    expect(moved(two, three)).toBe(4);
  });

  it('leaves everything where it is when a spare member comes', () => {
    const one = joined(1, ['b'], []);
    expect(moved(one, joined(1, ['a', 'b'], one))).toBe(0);
  });

  it('gives what a member had to the others when it leaves, and takes nothing from them', () => {
    const three = joined(9, ['a', 'b', 'c'], []);
    const two = joined(9, ['a', 'c'], three);
    expect(
      moved(
        three.filter(({ member }) => member !== 'b'),
        two,
      ),
    ).toBe(0);
    expect(two.flatMap(({ partitions }) => partitions).length).toBe(9);
  });

  it('believes the later of two members that claim one partition', () => {
    const stale = { member: 'a', partitions: [0, 1], generation: 3 };
    const right = { member: 'b', partitions: [0, 1], generation: 5 };
    const shares = assignPartitions(4, [stale, right]);
    expect(shares.get('b')).toEqual([0, 1]);
    expect(shares.get('a')).toEqual([2, 3]);
  });

  it('does not depend on the order of the members', () => {
    const claims = ['c', 'a', 'b'].map(newcomer);
    expect(assignPartitions(7, claims)).toEqual(assignPartitions(7, [...claims].reverse()));
  });

  it('ignores partitions that do not exist', () => {
    const shares = assignPartitions(2, [{ member: 'a', partitions: [7, -1, 1], generation: 1 }]);
    expect(shares.get('a')).toEqual([0, 1]);
  });
});

describe('what a member says of itself', () => {
  it('is read as it was written', () => {
    expect(decodeClaim('a', encodeClaim([3, 1], 9))).toEqual({
      member: 'a',
      partitions: [3, 1],
      generation: 9,
    });
  });

  it.each(['', 'null', '{', '{"shards":"all"}', '{"shards":[1.5]}'])(
    'is nothing when it is %j',
    (text) => {
      expect(decodeClaim('a', Buffer.from(text))).toEqual(newcomer('a'));
    },
  );
});
