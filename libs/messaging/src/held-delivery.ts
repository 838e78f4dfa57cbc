import type { Delivery } from './broker.ts';

/** A delivery in our hands: settled once, whoever comes first, and off the list of what is open then. */
export class HeldDelivery {
  private settled = false;

  constructor(
    private readonly delivery: Delivery,
    private readonly open: Set<HeldDelivery> | null,
  ) {
    open?.add(this);
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
    this.open?.delete(this);
    return true;
  }
}
