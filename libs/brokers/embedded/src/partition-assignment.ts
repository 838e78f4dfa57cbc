/**
 * Shares partitions evenly among consumers. A consumer keeps its partitions as long as that
 * is fair, because every move causes duplicates. `owners[partition]` is its consumer, or null.
 */
export function sharePartitions<C extends object>(
  owners: readonly (C | null)[],
  consumers: readonly C[],
): (C | null)[] {
  if (consumers.length === 0) return owners.map(() => null);
  const shared: (C | null)[] = owners.map((owner) =>
    owner !== null && consumers.includes(owner) ? owner : null,
  );
  const loadOf = (consumer: C): number => shared.filter((owner) => owner === consumer).length;
  const byLoad = (): C[] => [...consumers].sort((one, other) => loadOf(one) - loadOf(other));
  for (const [partition, owner] of shared.entries()) {
    if (owner === null) shared[partition] = byLoad()[0] as C;
  }
  for (;;) {
    const sorted = byLoad();
    const poorest = sorted[0] as C;
    const richest = sorted[sorted.length - 1] as C;
    if (loadOf(richest) - loadOf(poorest) <= 1) return shared;
    shared[shared.lastIndexOf(richest)] = poorest;
  }
}
