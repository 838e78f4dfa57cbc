import type { Delivery, Listener } from '../../broker.ts';

/** A consumer that records its deliveries. It acks at once, or holds deliveries for the test to settle. */
export class Probe implements Listener {
  readonly deliveries: Delivery[] = [];
  readonly partitions = new Set<number>();
  private readonly waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  private end: () => Promise<void> = async () => undefined;

  constructor(
    private readonly acks: boolean,
    private readonly prepared: Promise<void> = Promise.resolve(),
  ) {}

  async assigned(partitions: readonly number[]): Promise<void> {
    await this.prepared;
    for (const partition of partitions) this.partitions.add(partition);
  }

  revoked(partitions: readonly number[]): void {
    for (const partition of partitions) this.partitions.delete(partition);
  }

  deliver(delivery: Delivery): void {
    this.deliveries.push(delivery);
    if (this.acks) delivery.ack();
    for (const { count, resolve } of this.waiting) if (this.deliveries.length >= count) resolve();
  }

  /** Resolves with all deliveries once there are at least `count`. */
  async received(count: number): Promise<readonly Delivery[]> {
    if (this.deliveries.length < count) {
      await new Promise<void>((resolve) => this.waiting.push({ count, resolve }));
    }
    return this.deliveries;
  }

  /** The bodies received so far, in order. */
  bodies(): readonly string[] {
    return this.deliveries.map((delivery) => delivery.body);
  }

  subscribedBy(end: () => Promise<void>): this {
    this.end = end;
    return this;
  }

  /** Ends the subscription, with or without unsettled deliveries. */
  leave(): Promise<void> {
    return this.end();
  }
}
