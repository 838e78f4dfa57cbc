import { encode, newId } from '@waybill/message';
import {
  type Broker,
  BrokerClosed,
  type Delivery,
  type Group,
  type Listener,
  type Outgoing,
} from '@waybill/messaging';

export const channel = 'shop.events';

/** A group that subscribes to the whole channel. */
export const groupOf = (name: string, partitions = 4): Group => ({
  name,
  kind: 'event',
  partitions,
  bindings: [{ channel, pattern: '#' }],
});

/** A message of a key; its body is its envelope, with `name` in its data. */
export function messageOf(name: string, key: string): Outgoing {
  const id = newId();
  const envelope = {
    id,
    type: 'order.placed',
    version: 1,
    kind: 'event',
    occurredAt: new Date().toISOString(),
    key,
    correlationId: id,
    causationId: null,
    traceparent: null,
    priority: 'normal',
    expiresAt: null,
    source: 'test',
    sequence: null,
    attributes: {},
    routingKey: 'order.placed.v1',
    data: { name },
  } as const;
  return { channel, envelope, body: encode(envelope) };
}

/** Publishes until all is confirmed, in the original order, as an outbox does; rejects when the broker is closed. */
export async function publishSafely(broker: Broker, messages: readonly Outgoing[]): Promise<void> {
  let left = messages;
  while (left.length > 0) {
    const done = new Set<string>();
    let told = 0;
    const sent = left;
    await new Promise<void>((resolve, reject) => {
      broker.publish(sent, (id, error) => {
        if (error instanceof BrokerClosed) reject(error);
        if (!error) done.add(id);
        told += 1;
        if (told === sent.length) resolve();
      });
    });
    const first = sent.findIndex(({ envelope }) => !done.has(envelope.id));
    left = first < 0 ? [] : sent.slice(first);
    if (left.length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A listener that acks each delivery and records when it arrived. */
export class Recorder implements Listener {
  readonly partitions = new Set<number>();
  readonly came: { readonly delivery: Delivery; readonly at: number }[] = [];
  assignments = 0;

  async assigned(partitions: readonly number[]): Promise<void> {
    this.assignments += 1;
    for (const partition of partitions) this.partitions.add(partition);
  }

  revoked(partitions: readonly number[]): void {
    for (const partition of partitions) this.partitions.delete(partition);
  }

  deliver(delivery: Delivery): void {
    this.came.push({ delivery, at: Date.now() });
    delivery.ack();
  }

  bodies(): readonly string[] {
    return this.came.map(({ delivery }) => delivery.body);
  }
}

/** Resolves when `fact` holds; rejects if it does not within `within` milliseconds. */
export async function until(
  fact: () => boolean | Promise<boolean>,
  within = 25_000,
): Promise<void> {
  const deadline = performance.now() + within;
  while (!(await fact())) {
    if (performance.now() > deadline) throw new Error(`not so within ${within} ms: ${fact}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
