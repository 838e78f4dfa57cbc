import { expect, it } from '@jest/globals';
import type { Delivery } from './broker.ts';
import { HeldDelivery } from './held-delivery.ts';

it.each([
  ['ack', ['ack', 'giveBack']],
  ['back', ['giveBack', 'ack', 'giveBack']],
] as const)(
  'a delivery is settled once, by who comes first, and is open until then: %s',
  (end, calls) => {
    const told: string[] = [];
    const open = new Set<HeldDelivery>();
    const delivery = { ack: () => told.push('ack'), giveBack: () => told.push('back') };
    const held = new HeldDelivery(delivery as unknown as Delivery, open, () => undefined);
    expect(open.size).toBe(1);
    for (const call of calls) held[call]();
    expect([told, open.size]).toEqual([[end], 0]);
  },
);
