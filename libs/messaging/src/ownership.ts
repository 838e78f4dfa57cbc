import type { Delivery } from './broker.ts';
import type { CautiousStart } from './cautious-start.ts';
import type { Clock } from './clock.ts';
import type { Channel, Intake, Settling } from './intake.ts';
import type { KeyQueue } from './key-queue.ts';
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
  /** Opened before shards are ours: their last owner may have died of one of their messages. */
  readonly caution: Pick<CautiousStart, 'open'>;
}

/** One shard that a broker has given to this process. */
interface Slot {
  readonly group: string;
  readonly shard: number;
  /** Null until the database agrees, and again when another process took it there. */
  fence: Tenure | null;
  /** Deliveries that are not settled, in the order in which they came. */
  readonly open: Set<InHand>;
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
      const before = this.slotOf(group, shard);
      end(before);
      const slot = { group, shard, open: before?.open ?? new Set(), fence: null, losses: 0 };
      const ofGroup = this.slots.get(group) ?? new Map<number, Slot>();
      this.slots.set(group, ofGroup.set(shard, slot));
      return slot;
    });
    await this.own(group, slots);
  }

  /** What is in hand of them is let go when its turn comes: the broker has it again already. */
  revoked(group: string, shards: readonly number[]): void {
    for (const shard of shards) {
      end(this.slotOf(group, shard));
      this.slots.get(group)?.delete(shard);
    }
  }

  /** Takes a delivery in hand; it is handled as soon as its shard is ours in the database too. */
  hold(from: Channel, delivery: Delivery): void {
    const slot = this.slotOf(from.group, delivery.shard);
    // One of a shard that is not ours is let go: the broker knows already.
    if (!slot) return;
    const inHand = new InHand(from, delivery, slot.open);
    if (slot.fence) this.options.intake.delivered(from, delivery, inHand, slot.fence);
  }

  fenceOf(group: string, shard: number): Tenure | undefined {
    return this.slotOf(group, shard)?.fence ?? undefined;
  }

  /** The shards of a group that are ours. */
  of(group: string): readonly number[] {
    return this.owned(group).map(({ shard }) => shard);
  }

  /**
   * Another process has taken a shard in the database that the broker gave to us. One of the two is late: a
   * zombie will be told by its broker, so we wait for that before we take the shard back.
   */
  lost(fence: Tenure): void {
    const slot = this.slotOf(fence.group, fence.shard);
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

  /** Takes nothing back any more. */
  stop(): void {
    for (const cancel of this.timers) cancel();
  }

  /** Counts again what is deferred on the keys of a group. Only while no batch is being written. */
  async recount(group: string): Promise<void> {
    for (const { fence, shard } of this.owned(group)) {
      const counts = await this.deferredOn(group, shard);
      // Another ownership may have begun meanwhile, and counted itself.
      if (this.fenceOf(group, shard) === fence) this.options.queue.recount(group, shard, counts);
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
    const { database, caution, cache, queue } = this.options;
    const current = () => slots.filter((slot) => this.isCurrent(slot));
    const shardsOf = (wanted: readonly Slot[]) => wanted.map(({ shard }) => shard);
    await database.patiently(() => caution.open());
    // Whoever was told to leave meanwhile must not push out the one who came after.
    const fences = await database.patiently(async () =>
      current().length > 0 ? database.store.own(group, shardsOf(current())) : [],
    );
    const counts = new Map<number, ReadonlyMap<string, number>>();
    for (const { shard } of current()) counts.set(shard, await this.deferredOn(group, shard));
    // Another owner may have written states and deferred messages meanwhile: what is remembered counts no more.
    cache.clear();
    for (const slot of current()) {
      const fence = fences.find(({ shard }) => shard === slot.shard);
      if (!fence) continue;
      queue.recount(group, slot.shard, counts.get(slot.shard) ?? new Map());
      this.begin(slot, { ...fence, ended: false });
    }
  }

  private begin(slot: Slot, fence: Tenure): void {
    slot.fence = fence;
    for (const inHand of [...slot.open])
      this.options.intake.delivered(inHand.from, inHand.delivery, inHand, fence);
  }

  private deferredOn(group: string, shard: number): Promise<ReadonlyMap<string, number>> {
    const { database } = this.options;
    return database.patiently(() => database.store.parkedKeys(group, [shard]));
  }
}

function end(slot: Slot | undefined): void {
  if (!slot?.fence) return;
  slot.fence.ended = true;
  slot.fence = null;
}

/** A delivery in our hands: settled once, whoever comes first, and off the list of what is open then. */
class InHand implements Settling {
  constructor(
    readonly from: Channel,
    readonly delivery: Delivery,
    private readonly open: Set<InHand>,
  ) {
    open.add(this);
  }

  ack(): void {
    if (this.open.delete(this)) this.delivery.ack();
  }

  giveBack(): void {
    if (this.open.delete(this)) this.delivery.giveBack();
  }
}
