/** How many messages are parked on each key of the shards we own: behind them, newcomers park too. */
export class ParkedKeys {
  private readonly counts = new Map<string, number>();

  on(keyId: string): number {
    return this.counts.get(keyId) ?? 0;
  }

  change(keyId: string, by: number): void {
    const count = this.on(keyId) + by;
    if (count > 0) this.counts.set(keyId, count);
    else this.counts.delete(keyId);
  }

  load(counts: ReadonlyMap<string, number>): void {
    for (const [keyId, count] of counts) this.counts.set(keyId, count);
  }

  /** These keys are no longer ours to count. */
  forget(isLost: (keyId: string) => boolean): void {
    for (const keyId of this.counts.keys()) if (isLost(keyId)) this.counts.delete(keyId);
  }
}
