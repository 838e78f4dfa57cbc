/**
 * Shares shards evenly among consumers. A consumer keeps what it has as long as that is fair, because every
 * move makes duplicates. `owners[shard]` is its consumer, or null.
 */
export function shareShards<C extends object>(
  owners: readonly (C | null)[],
  consumers: readonly C[],
): (C | null)[] {
  if (consumers.length === 0) return owners.map(() => null);
  const shared: (C | null)[] = owners.map((owner) =>
    owner !== null && consumers.includes(owner) ? owner : null,
  );
  const held = new Map(consumers.map((consumer) => [consumer, 0]));
  for (const owner of shared) if (owner !== null) held.set(owner, (held.get(owner) ?? 0) + 1);
  const byLoad = (): readonly C[] =>
    [...consumers].sort((one, other) => (held.get(one) ?? 0) - (held.get(other) ?? 0));
  const give = (shard: number, to: C): void => {
    const from = shared[shard] ?? null;
    if (from !== null) held.set(from, (held.get(from) ?? 0) - 1);
    held.set(to, (held.get(to) ?? 0) + 1);
    shared[shard] = to;
  };
  for (const [shard, owner] of shared.entries()) if (owner === null) give(shard, byLoad()[0] as C);
  for (;;) {
    const sorted = byLoad();
    const poorest = sorted[0] as C;
    const richest = sorted[sorted.length - 1] as C;
    if ((held.get(richest) ?? 0) - (held.get(poorest) ?? 0) <= 1) return shared;
    give(shared.lastIndexOf(richest), poorest);
  }
}
