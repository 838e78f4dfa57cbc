import { setTimeout as wait } from 'node:timers/promises';
import { type Envelope, newId } from '@waybill/message';
import type { Outgoing } from '@waybill/messaging';
import type { RedisBroker } from '../redis-broker.ts';

/** A live message of an order, identified by its key. */
export function liveMessage(key: string, envelope: Partial<Envelope> = {}): Outgoing {
  const id = newId();
  const made: Envelope = {
    id,
    type: 'order.updated',
    version: 1,
    kind: 'live',
    occurredAt: new Date().toISOString(),
    key,
    correlationId: id,
    causationId: null,
    traceparent: null,
    priority: 'normal',
    expiresAt: null,
    source: 'order',
    sequence: null,
    attributes: {},
    routingKey: 'order.updated.v1',
    data: {},
    ...envelope,
  };
  return { channel: 'order.live', envelope: made, body: JSON.stringify(made) };
}

/** Publishes, and returns the outcome of each message in the order of settlement: `ok` or the error code. */
export function publish(broker: RedisBroker, ...messages: readonly Outgoing[]): Promise<string[]> {
  if (messages.length === 0) return Promise.resolve([]);
  const told: string[] = [];
  return new Promise((resolve) => {
    broker.publish(messages, (_, error) => {
      told.push(error ? (error as Error & { code: string }).code : 'ok');
      if (told.length === messages.length) resolve(told);
    });
  });
}

/** Resolves only if the result needs nothing outside the process; rejects once the event loop has turned. */
export async function atOnce<T>(answer: Promise<T>): Promise<T> {
  const turn = new Promise<never>((_, reject) => {
    setImmediate(() => reject(new Error('it waited')));
  });
  return Promise.race([answer, turn]);
}

/** Resolves when `fact` holds; rejects after `within` milliseconds. */
export async function until(
  what: string,
  fact: () => boolean | Promise<boolean>,
  within = 25_000,
): Promise<void> {
  const end = performance.now() + within;
  while (!(await fact())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${within} ms`);
    await wait(5);
  }
}
