import { bytesOf, type Delivery } from './broker.ts';
import type { CautiousStart } from './cautious-start.ts';
import type { Clock } from './clock.ts';
import type { Channel, Intake, Settling } from './intake.ts';
import type { KeyQueue } from './key-queue.ts';
import type { ConsumerObserver } from './observer.ts';
import type { PatientStore } from './patient-store.ts';
import type { StateCache } from './state-reader.ts';
import type { Tenure } from './work.ts';

export interface OwnershipOptions {
  readonly database: PatientStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly cache: Pick<StateCache, 'clear'>;
  readonly queue: Pick<KeyQueue, 'recount'>;
  readonly intake: Pick<Intake, 'delivered'>;
  /** Opened before partitions are owned, because a message of theirs may have crashed their last owner. */
  readonly caution: Pick<CautiousStart, 'open'>;
  readonly observer: Pick<ConsumerObserver, 'received' | 'settled'>;
}

/** A partition that a broker has assigned to this process. */
interface Slot {
  readonly group: string;
  readonly partition: number;
  /** Null until the database confirms the ownership, and after another process has taken it there. */
  fence: Tenure | null;
  /** Unsettled deliveries, in order of arrival. */
  readonly open: Set<InHand>;
  losses: number;
}

const takeBackAfter = 1_000;
const takeBackAtMost = 10_000;

/**
 * The partitions of this process. A broker assigns and revokes them. The epoch in the
 * database fences off their previous owner, and shows when another process has taken them.
 */
export class Ownership {
  private readonly slots = new Map<string, Map<number, Slot>>();
  private readonly timers = new Set<() => void>();

  constructor(private readonly options: OwnershipOptions) {}

  /**
   * Resolves when the partitions are owned in the database, or no longer assigned by the broker. Their unsettled
   * deliveries are then taken anew, in order, because messages taken under an ended ownership are never written.
   */
  async assigned(group: string, partitions: readonly number[]): Promise<void> {
    const slots = partitions.map((partition): Slot => {
      const before = this.slotOf(group, partition);
      end(before);
      const slot = { group, partition, open: before?.open ?? new Set(), fence: null, losses: 0 };
      const ofGroup = this.slots.get(group) ?? new Map<number, Slot>();
      this.slots.set(group, ofGroup.set(partition, slot));
      return slot;
    });
    await this.own(group, slots);
  }

  /** Unsettled messages of these partitions are dropped in their turn: the broker has them again already. */
  revoked(group: string, partitions: readonly number[]): void {
    for (const partition of partitions) {
      const slot = this.slotOf(group, partition);
      end(slot);
      for (const inHand of slot?.open ?? []) inHand.takenAway();
      this.slots.get(group)?.delete(partition);
    }
  }

  /** Accepts a delivery; it is processed once the database confirms the ownership of its partition. */
  hold(from: Channel, delivery: Delivery): void {
    const slot = this.slotOf(from.group, delivery.partition);
    // A delivery of a partition that is not assigned here is ignored: the broker knows already.
    if (!slot) return;
    const { observer } = this.options;
    observer.received?.(from.group, delivery.channel, bytesOf(delivery));
    const inHand = new InHand(from, delivery, slot.open, observer);
    if (slot.fence) this.options.intake.delivered(from, delivery, inHand, slot.fence);
  }

  fenceOf(group: string, partition: number): Tenure | undefined {
    return this.slotOf(group, partition)?.fence ?? undefined;
  }

  /** The partitions of a group that this process owns. */
  of(group: string): readonly number[] {
    return this.owned(group).map(({ partition }) => partition);
  }

  /**
   * Another process has taken a partition in the database that the broker assigned to this one. One of the two
   * acts late: the broker revokes the partition from a zombie, so this process waits before it takes it back.
   */
  lost(fence: Tenure): void {
    const slot = this.slotOf(fence.group, fence.partition);
    if (slot?.fence !== fence) return;
    end(slot);
    const delay = Math.min(takeBackAtMost, takeBackAfter * 2 ** slot.losses);
    slot.losses += 1;
    const cancel = this.options.clock.after(delay * (1 + this.options.random() / 2), () => {
      this.timers.delete(cancel);
      this.own(slot.group, [slot]).catch(() => undefined);
    });
    this.timers.add(cancel);
  }

  /** Takes no partitions back from now on. */
  stop(): void {
    for (const cancel of this.timers) cancel();
  }

  /** Counts again what is deferred on the keys of a group. Only while no batch is being written. */
  async recount(group: string): Promise<void> {
    for (const { fence, partition } of this.owned(group)) {
      const counts = await this.deferredOn(group, partition);
      // A new ownership may have begun meanwhile, and has counted for itself.
      if (this.fenceOf(group, partition) === fence)
        this.options.queue.recount(group, partition, counts);
    }
  }

  private slotOf(group: string, partition: number): Slot | undefined {
    return this.slots.get(group)?.get(partition);
  }

  private owned(group: string): readonly Slot[] {
    return [...(this.slots.get(group)?.values() ?? [])].filter(({ fence }) => fence !== null);
  }

  private isCurrent(slot: Slot): boolean {
    return this.slotOf(slot.group, slot.partition) === slot;
  }

  private async own(group: string, slots: readonly Slot[]): Promise<void> {
    const { database, caution, cache, queue } = this.options;
    const current = () => slots.filter((slot) => this.isCurrent(slot));
    const partitionsOf = (wanted: readonly Slot[]) => wanted.map(({ partition }) => partition);
    await database.patiently(() => caution.open());
    // A process whose partitions were revoked meanwhile must not fence off their next owner.
    const fences = await database.patiently(async () =>
      current().length > 0 ? database.store.own(group, partitionsOf(current())) : [],
    );
    const counts = new Map<number, ReadonlyMap<string, number>>();
    for (const { partition } of current())
      counts.set(partition, await this.deferredOn(group, partition));
    // Another owner may have written states and deferred messages meanwhile, so the cache is stale.
    cache.clear();
    for (const slot of current()) {
      const fence = fences.find(({ partition }) => partition === slot.partition);
      if (!fence) continue;
      queue.recount(group, slot.partition, counts.get(slot.partition) ?? new Map());
      this.begin(slot, { ...fence, ended: false });
    }
  }

  private begin(slot: Slot, fence: Tenure): void {
    slot.fence = fence;
    for (const inHand of [...slot.open])
      this.options.intake.delivered(inHand.from, inHand.delivery, inHand, fence);
  }

  private deferredOn(group: string, partition: number): Promise<ReadonlyMap<string, number>> {
    const { database } = this.options;
    return database.patiently(() => database.store.deferredKeys(group, [partition]));
  }
}

function end(slot: Slot | undefined): void {
  if (!slot?.fence) return;
  slot.fence.ended = true;
  slot.fence = null;
}

/** An unsettled delivery: it is settled once, by whichever call comes first, and then leaves `open`. */
class InHand implements Settling {
  private isObserved = false;

  constructor(
    readonly from: Channel,
    readonly delivery: Delivery,
    private readonly open: Set<InHand>,
    private readonly observer: Pick<ConsumerObserver, 'settled'>,
  ) {
    open.add(this);
  }

  ack(): void {
    if (!this.open.delete(this)) return;
    this.observe('acked');
    this.delivery.ack();
  }

  giveBack(): void {
    if (!this.open.delete(this)) return;
    this.observe('nacked');
    this.delivery.giveBack();
  }

  /** Its partition was revoked: whatever is done with it now, the broker delivers it again. */
  takenAway(): void {
    this.observe('nacked');
  }

  private observe(how: 'acked' | 'nacked'): void {
    if (this.isObserved) return;
    this.isObserved = true;
    this.observer.settled?.(this.from.group, this.delivery.channel, how);
  }
}
