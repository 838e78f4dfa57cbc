import { type Delivery, type Made, type Outgoing } from '@waybill/messaging';
import type { Entry } from './entry.ts';

/** Settles deliveries; `held` is false if the consumer had lost the delivery before. */
export interface DeliverySettlement {
  acked(delivery: EmbeddedDelivery, held: boolean): void;
  givenBack(delivery: EmbeddedDelivery): void;
}

/** A message delivered to one consumer. */
export class EmbeddedDelivery implements Delivery {
  readonly channel: string;
  readonly body: string;
  readonly made: Made | undefined;
  readonly partition: number;
  readonly redelivered: boolean;
  declare readonly expired?: true;
  /** Neighbours among the deliveries in flight, oldest first. */
  previous: EmbeddedDelivery | null = null;
  next: EmbeddedDelivery | null = null;
  #state: 'held' | 'lost' | 'settled' = 'held';

  constructor(
    readonly entry: Entry,
    expired: boolean,
    private readonly settlement: DeliverySettlement,
  ) {
    this.channel = entry.counter.channel;
    this.body = entry.message.body;
    this.made = isMade(entry.message) ? entry.message : undefined;
    this.partition = entry.partition;
    this.redelivered = entry.deliveries > 1;
    if (expired) this.expired = true;
  }

  ack(): void {
    if (this.#state === 'settled') return;
    const held = this.#state === 'held';
    this.#state = 'settled';
    this.settlement.acked(this, held);
  }

  giveBack(): void {
    const held = this.#state === 'held';
    this.#state = 'settled';
    if (held) this.settlement.givenBack(this);
  }

  /** The consumer no longer holds it. Its ack still counts, because it only comes after a commit. */
  lose(): void {
    if (this.#state === 'held') this.#state = 'lost';
  }
}

const isMade = (message: Outgoing): message is Outgoing & Made => message.contract !== undefined;
