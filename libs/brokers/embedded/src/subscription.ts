import { type Clock, type Listener } from '@waybill/messaging';
import { type DeliverySettlement, EmbeddedDelivery } from './embedded-delivery.ts';
import type { Entry } from './entry.ts';
import { InFlight } from './in-flight.ts';
import { WaitingQueue } from './waiting-queue.ts';

/** What a subscription needs of its group. */
export interface SubscriptionHost {
  readonly clock: Clock;
  isFlowing(): boolean;
  inTurn(deliver: () => void): void;
  handOver(entry: Entry): void;
  commit(entry: Entry): void;
  takeBack(entry: Entry): void;
}

/** Deliveries in one go, before other work of the process gets a turn. */
const burst = 1000;

/** One consumer of a group: its waiting messages, its unsettled deliveries, and how many more it may hold. */
export class Subscription implements DeliverySettlement {
  readonly queue = new WaitingQueue();
  readonly inFlight = new InFlight();
  #scheduled = false;
  #closed = false;
  readonly #idle: (() => void)[] = [];

  constructor(
    readonly listener: Listener,
    private readonly prefetch: number,
    private readonly host: SubscriptionHost,
  ) {}

  /** Delivers waiting messages when it is the group's turn, after the caller has returned. */
  wake(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.host.inTurn(this.#deliverWaiting);
  }

  acked(delivery: EmbeddedDelivery, held: boolean): void {
    if (held) this.#release(delivery);
    this.host.commit(delivery.entry);
    if (held) this.wake();
  }

  givenBack(delivery: EmbeddedDelivery): void {
    this.#release(delivery);
    this.host.takeBack(delivery.entry);
  }

  /** Delivers again after other work had its turn, because a consumer that gives back may do so again. */
  wakeLater(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#deliverWaiting);
  }

  /** Takes the deliveries of some partitions away from the consumer. */
  lose(belongs: (partition: number) => boolean): void {
    for (const delivery of this.inFlight.newestFirst()) {
      if (belongs(delivery.partition)) this.#lose(delivery);
    }
  }

  close(): void {
    this.#closed = true;
  }

  /** Resolves when the consumer holds no delivery. */
  whenIdle(): Promise<void> {
    if (this.inFlight.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Counts as scheduled while it runs: the same run serves acks that come in between. */
  readonly #deliverWaiting = (): void => {
    let left = burst;
    try {
      for (; left > 0 && this.#mayHoldMore(); left -= 1) {
        const entry = this.queue.take();
        if (!entry) break;
        this.#deliver(entry);
      }
    } finally {
      this.#scheduled = false;
    }
    if (left === 0) this.wakeLater();
  };

  #mayHoldMore(): boolean {
    return this.inFlight.size < this.prefetch && !this.#closed && this.host.isFlowing();
  }

  #deliver(entry: Entry): void {
    const expires = entry.expiresAt !== Number.POSITIVE_INFINITY;
    const expired = expires && entry.expiresAt <= this.host.clock.now().getTime();
    this.host.handOver(entry);
    const delivery = new EmbeddedDelivery(entry, expired, this);
    this.inFlight.add(delivery);
    this.listener.deliver(delivery);
  }

  #release(delivery: EmbeddedDelivery): void {
    this.inFlight.remove(delivery);
    if (this.inFlight.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #lose(delivery: EmbeddedDelivery): void {
    delivery.lose();
    this.#release(delivery);
    this.host.takeBack(delivery.entry);
  }
}
