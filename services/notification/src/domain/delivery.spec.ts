import { describe, expect, it } from '@jest/globals';
import { deliver, type Preferences } from './delivery.ts';

const now = new Date('2026-05-01T10:00:00.000Z');
const about = {
  orderId: '019a0000-0000-7000-8000-000000000001',
  template: 'order-confirmed' as const,
  news: {
    number: 'W-1',
    customerName: 'Ada',
    lines: [{ sku: 'MUG', quantity: 1 }],
    total: { amount: 1_290, currency: 'EUR' },
    reason: null,
  },
};
const ada = { id: 'ada', email: 'ada@example.com' };
const wish = (change: Partial<Preferences>): Preferences => ({
  customerId: 'ada',
  email: true,
  mutedTemplates: [],
  ...change,
});

describe('a delivery', () => {
  it('is recorded once for each order and template', () => {
    const first = deliver(undefined, about, ada, { preferences: undefined, now });

    expect(first).toMatchObject({
      id: `${about.orderId}/order-confirmed`,
      recipient: 'ada@example.com',
      status: 'logged',
    });
    expect(deliver(first, about, ada, { preferences: undefined, now })).toBeUndefined();
  });

  it.each([
    ['wants no e-mail', wish({ email: false })],
    ['muted this e-mail', wish({ mutedTemplates: ['order-confirmed'] })],
  ])('is suppressed for a customer who %s', (_, preferences) => {
    expect(deliver(undefined, about, ada, { preferences, now })?.status).toBe('suppressed');
  });

  it('goes out when another e-mail is muted', () => {
    const preferences = wish({ mutedTemplates: ['order-shipped'] });
    expect(deliver(undefined, about, ada, { preferences, now })?.status).toBe('logged');
  });

  it('is suppressed without an address', () => {
    const nobody = { id: 'ada', email: '' };
    expect(deliver(undefined, about, nobody, { preferences: undefined, now })?.status).toBe(
      'suppressed',
    );
  });
});
