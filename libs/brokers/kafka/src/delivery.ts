import type { Delivery } from '@waybill/messaging';
import type { Entry, PartitionWindow } from './partition-window.ts';

/** Settles deliveries. */
export interface Settler {
  settle(window: PartitionWindow, entry: Entry): void;
  giveBack(window: PartitionWindow, entry: Entry): void;
}

/** A record delivered to a consumer. Settling it twice, or after its partition was lost, has no effect. */
export class KafkaDelivery implements Delivery {
  readonly channel: string;
  readonly body: string;
  readonly partition: number;
  readonly redelivered: boolean;
  declare readonly bytes?: Buffer;
  declare readonly gaveUp?: string;
  declare readonly expired?: true;
  #open = true;

  constructor(
    private readonly window: PartitionWindow,
    private readonly entry: Entry,
    private readonly settler: Settler,
    now: number,
  ) {
    this.channel = window.channel;
    this.body = entry.body;
    this.partition = window.partition;
    this.redelivered = entry.deliveries > 0 || entry.offset < window.newFrom;
    if (entry.bytes) this.bytes = entry.bytes;
    if (entry.gaveUp !== undefined) this.gaveUp = entry.gaveUp;
    if (entry.expiresAt !== null && entry.expiresAt <= now) this.expired = true;
  }

  ack(): void {
    if (this.#settles()) this.settler.settle(this.window, this.entry);
  }

  giveBack(): void {
    if (this.#settles()) this.settler.giveBack(this.window, this.entry);
  }

  #settles(): boolean {
    const settles = this.#open && !this.window.lost;
    this.#open = false;
    return settles;
  }
}
