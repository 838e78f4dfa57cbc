import { partitionOf } from '@waybill/message';

/**
 * Assigns each partition to a member: the counts differ by at most one, and every member computes the same result. A
 * member that joins or leaves moves few partitions of the others.
 */
export function fairShare(partitions: number, members: readonly string[]): readonly string[] {
  const sorted = [...members].sort();
  const least = Math.floor(partitions / sorted.length);
  let extra = partitions % sorted.length;
  const held = new Map(sorted.map((member) => [member, 0]));
  const hasRoom = (member: string): boolean => {
    const has = held.get(member) ?? 0;
    return has < least || (has === least && extra > 0);
  };
  return Array.from({ length: partitions }, (_, partition) => {
    const chosen = ranked(sorted, partition).find(hasRoom) as string;
    const has = held.get(chosen) ?? 0;
    if (has === least) extra -= 1;
    held.set(chosen, has + 1);
    return chosen;
  });
}

const spread = 2 ** 20;

/** Members by their hash with the partition, highest first. */
const ranked = (members: readonly string[], partition: number): readonly string[] =>
  members
    .map((member) => ({
      member,
      weight: partitionOf(`${partition}/${member}/${partition}`, spread),
    }))
    .sort((one, other) => other.weight - one.weight || (one.member < other.member ? -1 : 1))
    .map(({ member }) => member);
