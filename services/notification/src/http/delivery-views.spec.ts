import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryKeys } from '@waybill/encryption/testing';
import { type Delivery, deliver } from '../domain/delivery.ts';
import { DeliveryViews } from './delivery-views.ts';

const keys = new MemoryKeys();
const cipher = keys.cipher();
const views = new DeliveryViews(cipher);
let delivery: Delivery;

beforeEach(async () => {
  const orderId = '019a0000-0000-7000-8000-000000000001';
  const about = {
    id: `${orderId}/order-confirmed`,
    orderId,
    template: 'order-confirmed' as const,
    news: {
      number: 'W-1',
      customerName: await cipher.encrypt('ada', 'Ada <Lovelace>'),
      lines: [{ sku: 'MUG', quantity: 1 }],
      total: { amount: 1_290, currency: 'EUR' },
      reason: null,
    },
  };
  const ada = { id: 'ada', email: await cipher.encrypt('ada', 'ada@example.com') };
  const now = new Date('2026-05-01T10:00:00.000Z');
  delivery = deliver(about, ada, { preferences: undefined, now, sends: true });
});

describe('an e-mail', () => {
  it('is rendered when it is read, with the name of its recipient', async () => {
    const { recipient, subject, html } = await views.of(delivery, false);
    expect([recipient, subject]).toEqual(['ada@example.com', 'Your order W-1 is confirmed']);
    expect(html).toContain('Hello Ada &lt;Lovelace&gt;,');
  });

  it('is shown masked to an operator who gives no reason', async () => {
    const { recipient, text } = await views.of(delivery, true);
    expect(recipient).toBe('a***@example.com');
    expect(text).toMatch(/^Hello \*\*\*,/);
  });

  it('of an earlier release is shown like any other', async () => {
    const old = { ...delivery, recipient: 'ada@example.com' };
    expect(await views.of(old, false)).toMatchObject({ recipient: 'ada@example.com' });
  });

  it('of an erased customer goes to none', async () => {
    keys.erase('ada');
    const { recipient, text } = await views.of(delivery, false);
    expect(recipient).toBe('erased');
    expect(text).toMatch(/^Hello,/);
  });
});
