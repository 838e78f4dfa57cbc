import type { EmbeddedDelivery } from './embedded-delivery.ts';

/** The unsettled deliveries of one consumer, oldest first. */
export class InFlight {
  #last: EmbeddedDelivery | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(delivery: EmbeddedDelivery): void {
    delivery.previous = this.#last;
    if (this.#last) this.#last.next = delivery;
    this.#last = delivery;
    this.#size += 1;
  }

  remove(delivery: EmbeddedDelivery): void {
    const { previous, next } = delivery;
    if (previous) previous.next = next;
    if (next) next.previous = previous;
    else this.#last = previous;
    delivery.previous = null;
    delivery.next = null;
    this.#size -= 1;
  }

  /** Newest first, so that each can be put back in front of those already put back. */
  *newestFirst(): Generator<EmbeddedDelivery> {
    for (let delivery = this.#last; delivery; ) {
      const { previous } = delivery;
      yield delivery;
      delivery = previous;
    }
  }
}
