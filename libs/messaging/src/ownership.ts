import type { Delivery } from './broker.ts';
import type { Clock } from './clock.ts';
import { HeldDelivery, type Taker } from './held-delivery.ts';
import type { ParkedKeys } from './parked-keys.ts';
import type { StateCache } from './state-cache.ts';
import type { Fence, Store } from './store.ts';
import type { Work } from './work.ts';

export interface OwnershipOptions {
  readonly store: Pick<Store, 'own' | 'parkedKeys'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly cache: StateCache;
  readonly parkedKeys: ParkedKeys;
  /** While the database is away, waits for it; rejects when the service stops. */
  readonly patiently: <T>(read: () => Promise<T>) => Promise<T>;
  /** Comes before shards are ours: their last owner may have died of one of their messages. */
  readonly prepare: () => Promise<unknown>;
  /** Shards of the group are ours: what is parked on them may go on. */
  readonly owned: (group: string) => void;
}

/** One shard that a broker has given to this process. */
interface Slot {
  readonly group: string;
  readonly shard: number;
  /** Null until the database agrees, and again when another process took it there. */
  fence: Fence | null;
  /** Deliveries that are not settled, in the order in which they came. */
  readonly open: Set<HeldDelivery>;
  losses: number;
}

const takeBackAfter = 1_000;
const takeBackAtMost = 10_000;

/**
 * The shards of this process. A broker gives and takes them; the epoch in the database fences off whoever had
 * them before, and tells us when somebody else has taken them.
 */
export class Ownership {
  private readonly slots = new Map<string, Map<number, Slot>>();
  private readonly timers = new Set<() => void>();

  constructor(private readonly options: OwnershipOptions) {}

  /**
   * Resolves when the shards are ours in the database, or no longer ours at the broker. What is in hand of them is
   * then taken anew, in its order: what was taken under an ownership that has ended is never written.
   */
  async assigned(group: string, shards: readonly number[]): Promise<void> {
    const slots = shards.map((shard): Slot => {
      const open = this.slotOf(group, shard)?.open ?? new Set();
      const slot = { group, shard, open, fence: null, losses: 0 };
      const ofGroup = this.slots.get(group) ?? new Map<number, Slot>();
      this.slots.set(group, ofGroup.set(shard, slot));
      return slot;
    });
    await this.own(group, slots);
  }

  /** What is in hand of them is let go when its turn comes: the broker has it again already. */
  revoked(group: string, shards: readonly number[]): void {
    for (const shard of shards) this.slots.get(group)?.delete(shard);
  }

  /** Takes a delivery in hand; it is handled as soon as its shard is ours in the database too. */
  hold(group: string, delivery: Delivery, taker: Taker): void {
    const slot = this.slotOf(group, delivery.shard);
    // One of a shard that is not ours is let go: the broker knows already.
    if (!slot) return;
    const held = new HeldDelivery(delivery, slot.open, taker);
    if (slot.fence) held.take(slot.fence);
  }

  fenceOf(group: string, shard: number): Fence | undefined {
    return this.slotOf(group, shard)?.fence ?? undefined;
  }

  /** Whether the shard of a message is owned as it was when the message was taken. Callers need no shard. */
  isOurs({ origin, fence, group, shard }: Work): boolean {
    if (origin.from === 'caller') return true;
    return fence !== undefined && fence === this.fenceOf(group, shard);
  }

  /** The shards of a group that are ours. */
  of(group: string): readonly number[] {
    return this.owned(group).map(({ shard }) => shard);
  }

  /**
   * Another process has taken a shard in the database that the broker gave to us. One of the two is late: a
   * zombie will be told by its broker, so we wait for that before we take the shard back.
   */
  lost(fence: Fence): void {
    const slot = this.slotOf(fence.group, fence.shard);
    if (slot?.fence !== fence) return;
    slot.fence = null;
    const delay = Math.min(takeBackAtMost, takeBackAfter * 2 ** slot.losses);
    slot.losses += 1;
    const cancel = this.options.clock.after(delay * (1 + this.options.random() / 2), () => {
      this.timers.delete(cancel);
      this.own(slot.group, [slot]).catch(() => undefined);
    });
    this.timers.add(cancel);
  }

  /** Takes nothing back any more. */
  stop(): void {
    for (const cancel of this.timers) cancel();
  }

  /** Counts again what is parked on the keys of a group. Only while no batch is being written. */
  async recount(group: string): Promise<void> {
    for (const { fence, shard } of this.owned(group)) {
      const counts = await this.parkedOn(group, shard);
      // Another ownership may have begun meanwhile, and counted itself.
      if (this.fenceOf(group, shard) === fence)
        this.options.parkedKeys.replace(group, shard, counts);
    }
  }

  private slotOf(group: string, shard: number): Slot | undefined {
    return this.slots.get(group)?.get(shard);
  }

  private owned(group: string): readonly Slot[] {
    return [...(this.slots.get(group)?.values() ?? [])].filter(({ fence }) => fence !== null);
  }

  private isCurrent(slot: Slot): boolean {
    return this.slotOf(slot.group, slot.shard) === slot;
  }

  private async own(group: string, slots: readonly Slot[]): Promise<void> {
    const current = () => slots.filter((slot) => this.isCurrent(slot));
    const shardsOf = (wanted: readonly Slot[]) => wanted.map(({ shard }) => shard);
    await this.options.patiently(this.options.prepare);
    // Whoever was told to leave meanwhile must not push out the one who came after.
    const fences = await this.options.patiently(async () =>
      current().length > 0 ? this.options.store.own(group, shardsOf(current())) : [],
    );
    const counts = new Map<number, ReadonlyMap<string, number>>();
    for (const { shard } of current()) counts.set(shard, await this.parkedOn(group, shard));
    // Another owner may have written states and parked messages meanwhile: what is remembered counts no more.
    this.options.cache.clear();
    for (const slot of current()) {
      const fence = fences.find(({ shard }) => shard === slot.shard);
      if (!fence) continue;
      this.options.parkedKeys.replace(group, slot.shard, counts.get(slot.shard) ?? new Map());
      slot.fence = fence;
      for (const held of [...slot.open]) held.take(fence);
    }
    this.options.owned(group);
  }

  private parkedOn(group: string, shard: number): Promise<ReadonlyMap<string, number>> {
    return this.options.patiently(() => this.options.store.parkedKeys(group, [shard]));
  }
}
