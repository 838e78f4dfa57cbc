import type { Clock, Delivery, Listener } from '@waybill/messaging';
import type { DeliveryFaults } from './delivery-faults.ts';
import type { FaultPoint } from './fault-points.ts';

/** How long a delivery is overtaken if the fault names no latency, in milliseconds. */
const shortHold = 100;

/** A delivery that arrives later, alone or before those of its key that came after it. */
interface Late {
  deliveries: readonly Delivery[];
  readonly cancel: () => void;
}

/**
 * Passes deliveries on, some of them twice and some after later ones of other keys. Those of one key stay in order,
 * because brokers promise that.
 */
export class FaultyListener implements Listener {
  /** The first held delivery of each key, and those behind it. */
  private readonly held = new Map<string, Late>();
  private readonly copies = new Set<Late>();
  private readonly forget: readonly (() => void)[];

  constructor(
    private readonly listener: Listener,
    private readonly faults: Pick<DeliveryFaults, 'duplicates' | 'reordering'>,
    private readonly clock: Clock,
  ) {
    const { duplicates, reordering } = faults;
    this.forget = [duplicates, reordering].map((point) => point.onChange(() => this.release()));
  }

  assigned(partitions: readonly number[]): Promise<void> {
    return this.listener.assigned(partitions);
  }

  /** What has not been passed on of these partitions goes to their next owner. */
  revoked(partitions: readonly number[]): void {
    for (const late of this.late())
      late.deliveries = late.deliveries.filter(({ partition }) => !partitions.includes(partition));
    this.listener.revoked(partitions);
  }

  deliver(delivery: Delivery): void {
    const { duplicates, reordering } = this.faults;
    if (duplicates.isOn && duplicates.strikes()) this.twice(delivery, duplicates);
    else if (reordering.isOn || this.held.size > 0) this.pass(delivery);
    else this.listener.deliver(delivery);
  }

  /** Drops what has not been passed on: the broker still has it, and delivers it again. */
  leave(): void {
    for (const forget of this.forget) forget();
    for (const { cancel } of this.late()) cancel();
    this.held.clear();
    this.copies.clear();
  }

  private twice(delivery: Delivery, { fault: { latencyMs } }: FaultPoint): void {
    const [first, second] = copiesOf(delivery);
    this.pass(first);
    if (latencyMs === 0) this.pass(second);
    else this.copies.add(this.later(latencyMs, [second], (late) => this.arrive(late)));
  }

  /** A copy arrives as if the broker had delivered it again, so it waits behind what is held of its key. */
  private arrive(copy: Late): void {
    this.copies.delete(copy);
    for (const delivery of copy.deliveries) this.pass(delivery);
  }

  private pass(delivery: Delivery): void {
    const { reordering } = this.faults;
    const key = keyOf(delivery);
    const before = this.held.get(key);
    if (before) before.deliveries = [...before.deliveries, delivery];
    else if (reordering.isOn && reordering.strikes()) {
      const ms = reordering.fault.latencyMs || shortHold;
      this.held.set(
        key,
        this.later(ms, [delivery], (late) => this.letGo(key, late)),
      );
    } else this.listener.deliver(delivery);
  }

  private letGo(key: string, late: Late): void {
    this.held.delete(key);
    for (const delivery of late.deliveries) this.listener.deliver(delivery);
  }

  private later(ms: number, deliveries: readonly Delivery[], arrive: (late: Late) => void): Late {
    const late: Late = { deliveries, cancel: this.clock.after(ms, () => arrive(late)) };
    return late;
  }

  /** The faults have changed: what was held by the earlier ones goes on at once. */
  private release(): void {
    for (const { cancel } of this.late()) cancel();
    for (const [key, late] of this.held) this.letGo(key, late);
    for (const copy of this.copies) this.arrive(copy);
  }

  private late(): readonly Late[] {
    return [...this.held.values(), ...this.copies];
  }
}

/** Two deliveries of one message; the broker is told once both are settled. */
function copiesOf(delivery: Delivery): readonly [Delivery, Delivery] {
  const { channel, body, bytes, made, partition, expired, gaveUp, redelivered } = delivery;
  const content = {
    channel,
    body,
    partition,
    ...(bytes ? { bytes } : {}),
    ...(made ? { made } : {}),
    ...(expired ? { expired } : {}),
    ...(gaveUp === undefined ? {} : { gaveUp }),
  };
  let open = 2;
  let isGivenBack = false;
  const settle = (givesBack: boolean): void => {
    isGivenBack ||= givesBack;
    open -= 1;
    if (open > 0) return;
    if (isGivenBack) delivery.giveBack();
    else delivery.ack();
  };
  const settling = { ack: () => settle(false), giveBack: () => settle(true) };
  return [
    { ...content, redelivered, ...settling },
    { ...content, redelivered: true, ...settling },
  ];
}

/** What cannot be read has no key, and keeps its order among its like. */
function keyOf({ partition, body, made }: Delivery): string {
  try {
    const key = made?.envelope.key ?? (JSON.parse(body) as { key?: unknown } | null)?.key;
    return `${partition}/${String(key)}`;
  } catch {
    return `${partition}/`;
  }
}
