import type { Clock } from '../../clock.ts';
import type { Entry } from './entry.ts';
import { shareShards } from './shard-assignment.ts';
import type { Subscription } from './subscription.ts';
import { WaitingQueue } from './waiting-queue.ts';

interface Slot {
  readonly owner: Subscription | null;
  /** The owner's `assigned` has resolved. */
  readonly ready: boolean;
}

const unowned: Slot = { owner: null, ready: false };
const retryAfter = 1_000;

/** Which consumer owns which partition; messages of a partition without a ready consumer wait here. */
export class ShardOwners {
  readonly #slots: Slot[];
  readonly #waiting = new WaitingQueue();
  #consumers: readonly Subscription[] = [];

  constructor(
    shards: number,
    private readonly clock: Clock,
  ) {
    this.#slots = Array.from({ length: shards }, () => unowned);
  }

  get consumers(): readonly Subscription[] {
    return this.#consumers;
  }

  /** The consumer that may receive messages of a partition now. */
  ownerOf(shard: number): Subscription | null {
    const slot = this.#slots[shard];
    return slot?.ready ? slot.owner : null;
  }

  /** Where messages of a partition wait. */
  queueOf(shard: number): WaitingQueue {
    return this.ownerOf(shard)?.queue ?? this.#waiting;
  }

  /** Resolves when the new consumer is ready for its partitions; if that fails, removes the consumer and rejects. */
  async join(newcomer: Subscription): Promise<void> {
    this.#consumers = [...this.#consumers, newcomer];
    try {
      await this.#share(newcomer);
    } catch (error) {
      this.leave(newcomer);
      throw error;
    }
  }

  leave(consumer: Subscription): void {
    if (!this.#consumers.includes(consumer)) return;
    this.#consumers = this.#consumers.filter((each) => each !== consumer);
    consumer.close();
    void this.#share(null);
  }

  /** Messages that no consumer has been given yet. */
  waiting(): Iterable<Entry> {
    return this.#waiting;
  }

  async #share(newcomer: Subscription | null): Promise<void> {
    const before = this.#slots.map((slot) => slot.owner);
    const after = shareShards(before, this.#consumers);
    const moved = after.flatMap((owner, shard) => (owner === before[shard] ? [] : [shard]));
    for (const owner of new Set(moved.flatMap((shard) => before[shard] ?? []))) {
      const lost = moved.filter((shard) => before[shard] === owner);
      this.#revoke(owner, lost);
    }
    let prepared: Promise<void> | undefined;
    for (const owner of new Set(moved.flatMap((shard) => after[shard] ?? []))) {
      const gained = moved.filter((shard) => after[shard] === owner);
      for (const shard of gained) this.#slots[shard] = { owner, ready: false };
      if (owner === newcomer) prepared = this.#assign(owner, gained);
      else this.#assignPatiently(owner, gained);
    }
    await prepared;
  }

  #revoke(owner: Subscription, shards: readonly number[]): void {
    const lost = (shard: number): boolean => shards.includes(shard);
    for (const shard of shards) this.#slots[shard] = unowned;
    this.#waiting.merge(owner.queue.extract(lost));
    owner.lose(lost);
    owner.listener.revoked(shards);
    // It may hold more messages of the partitions that it keeps.
    owner.wake();
  }

  async #assign(owner: Subscription, shards: readonly number[]): Promise<void> {
    const slots = this.#slots.slice();
    await owner.listener.assigned(shards);
    const still = shards.filter((shard) => this.#slots[shard] === slots[shard]);
    for (const shard of still) this.#slots[shard] = { owner, ready: true };
    owner.queue.merge(this.#waiting.extract((shard) => still.includes(shard)));
    owner.wake();
  }

  /** Retries, because partitions of a consumer that left must not be stuck when another one fails to get ready. */
  #assignPatiently(owner: Subscription, shards: readonly number[]): void {
    const slots = this.#slots.slice();
    this.#assign(owner, shards).catch(() => {
      this.clock.after(retryAfter, () => {
        const still = shards.filter((shard) => this.#slots[shard] === slots[shard]);
        if (still.length > 0) this.#assignPatiently(owner, still);
      });
    });
  }
}
