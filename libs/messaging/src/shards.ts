import type { Fence, Store } from './store.ts';

/** The shards this process owns, each with the epoch that fences off whoever owned it before. */
export class Shards {
  private readonly fences = new Map<string, Fence>();

  constructor(private readonly store: Pick<Store, 'own'>) {}

  /** Becomes the owner: from here on, batches of an earlier owner fail. */
  async take(group: string, shards: readonly number[]): Promise<void> {
    for (const fence of await this.store.own(group, shards))
      this.fences.set(`${group}/${fence.shard}`, fence);
  }

  drop(group: string, shards: readonly number[]): void {
    for (const shard of shards) this.fences.delete(`${group}/${shard}`);
  }

  fenceOf(group: string, shard: number): Fence | undefined {
    return this.fences.get(`${group}/${shard}`);
  }

  /** The shards owned of one group. */
  of(group: string): readonly number[] {
    return [...this.fences.values()]
      .filter((fence) => fence.group === group)
      .map((fence) => fence.shard);
  }
}
