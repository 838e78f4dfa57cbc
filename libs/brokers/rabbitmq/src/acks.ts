import type { Channel, Message } from 'amqplib';

/**
 * Collects the acks of one channel and sends them at the end of a turn: one for everything up to the low-water tag, and
 * one for each delivery that was settled out of order.
 */
export class Acks {
  private lowest = 1;
  private readonly settled = new Set<number>();
  private readonly single = new Set<number>();
  private scheduled = false;
  private dead = false;

  constructor(private readonly channel: Channel) {}

  add(tag: number): void {
    if (this.dead) return;
    this.settled.add(tag);
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.flush());
  }

  /** Sends the acks collected so far. */
  flush(): void {
    this.scheduled = false;
    if (this.dead || this.settled.size === 0) return;
    try {
      this.ackPrefix();
      for (const tag of this.settled) {
        this.ack(tag, false);
        this.single.add(tag);
      }
      this.settled.clear();
    } catch {
      this.forget();
    }
  }

  /** The channel is closed, so none of its tags is valid any more. */
  forget(): void {
    this.dead = true;
    this.settled.clear();
    this.single.clear();
  }

  private ackPrefix(): void {
    let last = 0;
    for (;;) {
      if (this.settled.delete(this.lowest)) last = this.lowest;
      else if (!this.single.delete(this.lowest)) break;
      this.lowest += 1;
    }
    if (last > 0) this.ack(last, true);
  }

  private ack(deliveryTag: number, allUpTo: boolean): void {
    this.channel.ack({ fields: { deliveryTag } } as Message, allUpTo);
  }
}
