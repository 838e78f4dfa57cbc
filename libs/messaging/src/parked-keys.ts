interface Count {
  readonly shard: number;
  count: number;
}

/** How many messages are parked on each key of the shards we own: behind them, newcomers park too. */
export class ParkedKeys {
  private readonly counts = new Map<string, Count>();

  /** `keyId` is `group/key`. */
  on(keyId: string): number {
    return this.counts.get(keyId)?.count ?? 0;
  }

  change(keyId: string, shard: number, by: number): void {
    if (by === 0) return;
    const count = this.on(keyId) + by;
    if (count > 0) this.counts.set(keyId, { shard, count });
    else this.counts.delete(keyId);
  }

  /** What the database says of the keys of one shard. */
  replace(group: string, shard: number, counts: ReadonlyMap<string, number>): void {
    for (const [keyId, known] of this.counts)
      if (known.shard === shard && keyId.startsWith(`${group}/`)) this.counts.delete(keyId);
    for (const [keyId, count] of counts) this.counts.set(keyId, { shard, count });
  }
}
