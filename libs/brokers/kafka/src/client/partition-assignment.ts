/** What a member claims when it joins. */
export interface Claim {
  readonly member: string;
  /** Partitions that it owns by the assignment of `generation`. */
  readonly partitions: readonly number[];
  readonly generation: number;
}

/**
 * Distributes partitions 0 to `count - 1` evenly; an owner keeps its partitions as far as that stays even. If two
 * members claim a partition, the later generation wins. The result depends only on the claims, not on their order.
 */
export function assignPartitions(
  count: number,
  claims: readonly Claim[],
): ReadonlyMap<string, readonly number[]> {
  const owners = ownersOf(count, claims);
  const held = (claim: Claim) =>
    claim.partitions.filter((partition) => owners.get(partition) === claim.member);
  const ranked = claims
    .map((claim) => ({
      member: claim.member,
      partitions: [...new Set(held(claim))].sort((a, b) => a - b),
    }))
    .sort((a, b) => b.partitions.length - a.partitions.length || (a.member < b.member ? -1 : 1));
  const least = Math.floor(count / ranked.length);
  const more = count % ranked.length;
  const shares = ranked.map(({ member, partitions }, at) => {
    const quota = at < more ? least + 1 : least;
    return { member, quota, partitions: partitions.slice(0, quota) };
  });
  const taken = new Set(shares.flatMap(({ partitions }) => partitions));
  const free = Array.from({ length: count }, (_, partition) => partition).filter(
    (partition) => !taken.has(partition),
  );
  for (const share of shares)
    share.partitions.push(...free.splice(0, share.quota - share.partitions.length));
  return new Map(
    shares.map(({ member, partitions }) => [member, partitions.sort((a, b) => a - b)]),
  );
}

function ownersOf(count: number, claims: readonly Claim[]): ReadonlyMap<number, string> {
  const best = new Map<number, Claim>();
  for (const claim of claims) {
    for (const partition of claim.partitions) {
      if (partition < 0 || partition >= count) continue;
      const other = best.get(partition);
      const wins =
        !other ||
        claim.generation > other.generation ||
        (claim.generation === other.generation && claim.member < other.member);
      if (wins) best.set(partition, claim);
    }
  }
  return new Map([...best].map(([partition, { member }]) => [partition, member]));
}

/** The bytes of a claim. Members of two releases exchange them, so their names never change. */
interface WireClaim {
  readonly shards: readonly number[];
  readonly generation: number;
}

/** Encodes what a member claims. */
export const encodeClaim = (partitions: readonly number[], generation: number): Buffer =>
  Buffer.from(JSON.stringify({ shards: partitions, generation }));

/** Decodes a claim; a member with unreadable bytes claims nothing. */
export function decodeClaim(member: string, bytes: Buffer | null | undefined): Claim {
  const nothing = { member, partitions: [], generation: -1 };
  try {
    const { shards: partitions, generation } = JSON.parse(String(bytes)) as Partial<WireClaim>;
    if (!Array.isArray(partitions) || !partitions.every(Number.isInteger)) return nothing;
    return {
      member,
      partitions,
      generation: Number.isInteger(generation) ? Number(generation) : -1,
    };
  } catch {
    return nothing;
  }
}
