import type { Listener } from '@waybill/messaging';

interface Owned {
  /** The listener is prepared. */
  ready: boolean;
  lost: boolean;
}

/** The owned partitions. Prepares the listener before the first delivery, and reports one change after another. */
export class ShardOwnership {
  readonly #owned = new Map<number, Owned>();
  #telling: Promise<unknown> = Promise.resolve();

  constructor(private readonly listener: Listener) {}

  all(): readonly number[] {
    return [...this.#owned.keys()];
  }

  has(shard: number): boolean {
    return this.#owned.has(shard);
  }

  isReady(shard: number): boolean {
    return this.#owned.get(shard)?.ready === true;
  }

  /** Adds partitions; resolves when the listener is prepared for those still owned, rejects when it cannot be. */
  take(shards: readonly number[]): Promise<void> {
    const taken = shards.map((shard) => ({ shard, owned: { ready: false, lost: false } }));
    for (const { shard, owned } of taken) this.#owned.set(shard, owned);
    const told = this.#telling.then(async () => {
      const left = taken.filter(({ owned }) => !owned.lost);
      if (left.length === 0) return;
      await this.listener.assigned(left.map(({ shard }) => shard));
      for (const { owned } of left) owned.ready = true;
      const meanwhile = left.filter(({ owned }) => owned.lost);
      if (meanwhile.length > 0) this.listener.revoked(meanwhile.map(({ shard }) => shard));
    });
    this.#telling = told.catch(() => undefined);
    return told;
  }

  /** Removes partitions. Those that the listener is still preparing are revoked as soon as it has finished. */
  drop(shards: readonly number[]): void {
    const told: number[] = [];
    for (const shard of shards) {
      const owned = this.#owned.get(shard);
      if (!owned) continue;
      owned.lost = true;
      this.#owned.delete(shard);
      if (owned.ready) told.push(shard);
    }
    if (told.length > 0) this.listener.revoked(told);
  }
}
