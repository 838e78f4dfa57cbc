/** What a member claims when it joins. */
export interface Claim {
  readonly member: string;
  /** Partitions that it owns by the assignment of `generation`. */
  readonly shards: readonly number[];
  readonly generation: number;
}

/**
 * Distributes partitions 0 to `count - 1` evenly; an owner keeps its partitions as far as that stays even. If two
 * members claim a partition, the later generation wins. The result depends only on the claims, not on their order.
 */
export function assignShards(
  count: number,
  claims: readonly Claim[],
): ReadonlyMap<string, readonly number[]> {
  const owners = ownersOf(count, claims);
  const held = (claim: Claim) => claim.shards.filter((shard) => owners.get(shard) === claim.member);
  const ranked = claims
    .map((claim) => ({
      member: claim.member,
      shards: [...new Set(held(claim))].sort((a, b) => a - b),
    }))
    .sort((a, b) => b.shards.length - a.shards.length || (a.member < b.member ? -1 : 1));
  const least = Math.floor(count / ranked.length);
  const more = count % ranked.length;
  const shares = ranked.map(({ member, shards }, at) => {
    const quota = at < more ? least + 1 : least;
    return { member, quota, shards: shards.slice(0, quota) };
  });
  const taken = new Set(shares.flatMap(({ shards }) => shards));
  const free = Array.from({ length: count }, (_, shard) => shard).filter(
    (shard) => !taken.has(shard),
  );
  for (const share of shares)
    share.shards.push(...free.splice(0, share.quota - share.shards.length));
  return new Map(shares.map(({ member, shards }) => [member, shards.sort((a, b) => a - b)]));
}

function ownersOf(count: number, claims: readonly Claim[]): ReadonlyMap<number, string> {
  const best = new Map<number, Claim>();
  for (const claim of claims) {
    for (const shard of claim.shards) {
      if (shard < 0 || shard >= count) continue;
      const other = best.get(shard);
      const wins =
        !other ||
        claim.generation > other.generation ||
        (claim.generation === other.generation && claim.member < other.member);
      if (wins) best.set(shard, claim);
    }
  }
  return new Map([...best].map(([shard, { member }]) => [shard, member]));
}

/** Encodes what a member claims. */
export const encodeClaim = (shards: readonly number[], generation: number): Buffer =>
  Buffer.from(JSON.stringify({ shards, generation }));

/** Decodes a claim; a member with unreadable bytes claims nothing. */
export function decodeClaim(member: string, bytes: Buffer | null | undefined): Claim {
  const nothing = { member, shards: [], generation: -1 };
  try {
    const { shards, generation } = JSON.parse(String(bytes)) as Partial<Claim>;
    if (!Array.isArray(shards) || !shards.every(Number.isInteger)) return nothing;
    return { member, shards, generation: Number.isInteger(generation) ? Number(generation) : -1 };
  } catch {
    return nothing;
  }
}
