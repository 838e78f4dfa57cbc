import { type Envelope, encode, newId } from '@waybill/message';
import type { Outgoing } from '@waybill/messaging';

/** An event; its body is `name`, or the bytes of its envelope. */
export function eventOf(name: string, key = name, body?: 'encoded'): Outgoing {
  const id = newId();
  const envelope: Envelope = {
    id,
    type: 'shop.opened',
    version: 1,
    kind: 'event',
    occurredAt: '2026-01-01T00:00:00.000Z',
    key,
    correlationId: id,
    causationId: null,
    traceparent: null,
    priority: 'normal',
    expiresAt: null,
    source: 'shop',
    sequence: null,
    attributes: { region: 'europe' },
    routingKey: 'shop.opened.v1',
    data: { name },
  };
  return { channel: 'shop.events', envelope, body: body ? encode(envelope) : name };
}
