import type { Listener } from '@waybill/messaging';

interface Owned {
  /** The listener is prepared. */
  ready: boolean;
  lost: boolean;
}

/** The owned partitions. Prepares the listener before the first delivery, and reports one change after another. */
export class PartitionOwnership {
  readonly #owned = new Map<number, Owned>();
  #telling: Promise<unknown> = Promise.resolve();

  constructor(private readonly listener: Listener) {}

  all(): readonly number[] {
    return [...this.#owned.keys()];
  }

  has(partition: number): boolean {
    return this.#owned.has(partition);
  }

  isReady(partition: number): boolean {
    return this.#owned.get(partition)?.ready === true;
  }

  /** Adds partitions; resolves when the listener is prepared for those still owned, rejects when it cannot be. */
  take(partitions: readonly number[]): Promise<void> {
    const taken = partitions.map((partition) => ({
      partition: partition,
      owned: { ready: false, lost: false },
    }));
    for (const { partition, owned } of taken) this.#owned.set(partition, owned);
    const told = this.#telling.then(async () => {
      const left = taken.filter(({ owned }) => !owned.lost);
      if (left.length === 0) return;
      await this.listener.assigned(left.map(({ partition }) => partition));
      for (const { owned } of left) owned.ready = true;
      const meanwhile = left.filter(({ owned }) => owned.lost);
      if (meanwhile.length > 0) this.listener.revoked(meanwhile.map(({ partition }) => partition));
    });
    this.#telling = told.catch(() => undefined);
    return told;
  }

  /** Removes partitions. Those that the listener is still preparing are revoked as soon as it has finished. */
  drop(partitions: readonly number[]): void {
    const told: number[] = [];
    for (const partition of partitions) {
      const owned = this.#owned.get(partition);
      if (!owned) continue;
      owned.lost = true;
      this.#owned.delete(partition);
      if (owned.ready) told.push(partition);
    }
    if (told.length > 0) this.listener.revoked(told);
  }
}
