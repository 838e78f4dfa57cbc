import { type Clock } from '@waybill/messaging';
import type { Entry } from './entry.ts';
import { sharePartitions } from './partition-assignment.ts';
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
export class PartitionOwners {
  readonly #slots: Slot[];
  readonly #waiting = new WaitingQueue();
  #consumers: readonly Subscription[] = [];

  constructor(
    partitions: number,
    private readonly clock: Clock,
  ) {
    this.#slots = Array.from({ length: partitions }, () => unowned);
  }

  get consumers(): readonly Subscription[] {
    return this.#consumers;
  }

  /** The consumer that may receive messages of a partition now. */
  ownerOf(partition: number): Subscription | null {
    const slot = this.#slots[partition];
    return slot?.ready ? slot.owner : null;
  }

  /** Where messages of a partition wait. */
  queueOf(partition: number): WaitingQueue {
    return this.ownerOf(partition)?.queue ?? this.#waiting;
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

  /** Inserts messages, each in its place. */
  putBack(entries: readonly Entry[]): void {
    for (const [partition] of this.#slots.entries()) {
      this.queueOf(partition).merge(entries.filter((entry) => entry.partition === partition));
      this.ownerOf(partition)?.wake();
    }
  }

  /** Messages that no consumer has been given yet. */
  waiting(): Iterable<Entry> {
    return this.#waiting;
  }

  async #share(newcomer: Subscription | null): Promise<void> {
    const before = this.#slots.map((slot) => slot.owner);
    const after = sharePartitions(before, this.#consumers);
    const moved = after.flatMap((owner, partition) =>
      owner === before[partition] ? [] : [partition],
    );
    for (const owner of new Set(moved.flatMap((partition) => before[partition] ?? []))) {
      const lost = moved.filter((partition) => before[partition] === owner);
      this.#revoke(owner, lost);
    }
    let prepared: Promise<void> | undefined;
    for (const owner of new Set(moved.flatMap((partition) => after[partition] ?? []))) {
      const gained = moved.filter((partition) => after[partition] === owner);
      for (const partition of gained) this.#slots[partition] = { owner, ready: false };
      if (owner === newcomer) prepared = this.#assign(owner, gained);
      else this.#assignPatiently(owner, gained);
    }
    await prepared;
  }

  #revoke(owner: Subscription, partitions: readonly number[]): void {
    const lost = (partition: number): boolean => partitions.includes(partition);
    for (const partition of partitions) this.#slots[partition] = unowned;
    this.#waiting.merge(owner.queue.extract(lost));
    owner.lose(lost);
    owner.listener.revoked(partitions);
    // It may hold more messages of the partitions that it keeps.
    owner.wake();
  }

  async #assign(owner: Subscription, partitions: readonly number[]): Promise<void> {
    const slots = this.#slots.slice();
    await owner.listener.assigned(partitions);
    const still = partitions.filter((partition) => this.#slots[partition] === slots[partition]);
    for (const partition of still) this.#slots[partition] = { owner, ready: true };
    owner.queue.merge(this.#waiting.extract((partition) => still.includes(partition)));
    owner.wake();
  }

  /** Retries, because partitions of a consumer that left must not be stuck when another one fails to get ready. */
  #assignPatiently(owner: Subscription, partitions: readonly number[]): void {
    const slots = this.#slots.slice();
    this.#assign(owner, partitions).catch(() => {
      this.clock.after(retryAfter, () => {
        const still = partitions.filter((partition) => this.#slots[partition] === slots[partition]);
        if (still.length > 0) this.#assignPatiently(owner, still);
      });
    });
  }
}
