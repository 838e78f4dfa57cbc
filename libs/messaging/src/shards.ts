import type { Fence } from './store.ts';

/** The shards this process owns, each with the epoch that fences off whoever owned it before. */
export class Shards {
  private readonly fences = new Map<string, Fence>();

  take(fences: readonly Fence[]): void {
    for (const fence of fences) this.fences.set(`${fence.group}/${fence.shard}`, fence);
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
