import type { Delivery } from './broker.ts';
import type { Fence } from './store.ts';

/** Handles a delivery under an ownership of its shard. */
export type Taker = (delivery: Delivery, held: HeldDelivery, fence: Fence) => void;

/** A delivery in our hands: settled once, whoever comes first, and off the list of what is open then. */
export class HeldDelivery {
  private settled = false;

  constructor(
    private readonly delivery: Delivery,
    private readonly open: Set<HeldDelivery>,
    private readonly taker: Taker,
  ) {
    open.add(this);
  }

  /** Begins to handle it, or begins anew because the ownership under which it was taken has ended. */
  take(fence: Fence): void {
    this.taker(this.delivery, this, fence);
  }

  ack(): void {
    if (this.end()) this.delivery.ack();
  }

  giveBack(): void {
    if (this.end()) this.delivery.giveBack();
  }

  private end(): boolean {
    if (this.settled) return false;
    this.settled = true;
    this.open.delete(this);
    return true;
  }
}
