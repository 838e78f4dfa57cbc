import { describe, expect, it } from '@jest/globals';
import { defaultPreferences, deliver, type Preferences } from './delivery.ts';

const now = new Date('2026-05-01T10:00:00.000Z');
const orderId = '019a0000-0000-7000-8000-000000000001';
const about = {
  id: `${orderId}/order-confirmed`,
  orderId,
  template: 'order-confirmed' as const,
  news: {
    number: 'W-1',
    customerName: 'Ada',
    lines: [{ sku: 'MUG', quantity: 1 }],
    total: { amount: 1_290, currency: 'EUR' },
    reason: null,
  },
};
const sends = true;
const ada = { id: 'ada', email: 'ada@example.com' };
const wish = (change: Partial<Preferences>): Preferences => ({
  ...defaultPreferences('ada'),
  ...change,
});

describe('a delivery', () => {
  it('is queued, in the language of its customer', () => {
    const preferences = wish({ locale: 'de-AT' });
    expect(deliver(about, ada, { preferences, now, sends: true })).toMatchObject({
      id: `${about.orderId}/order-confirmed`,
      recipient: 'ada@example.com',
      locale: 'de-AT',
      status: 'queued',
    });
  });

  it('waits for the digest of a customer who wants one, unless it has a time of its own', () => {
    const context = { preferences: wish({ digest: 'daily' }), now, sends: true };
    expect(deliver(about, ada, context).status).toBe('collected');
    expect(deliver({ ...about, template: 'thank-you' }, ada, context).status).toBe('queued');
  });

  it('is only recorded without a mail server', () => {
    const context = { preferences: wish({ digest: 'daily' }), now, sends: false };
    expect(deliver(about, ada, context).status).toBe('logged');
  });

  it.each([
    ['wants no e-mail', wish({ email: false })],
    ['muted this e-mail', wish({ mutedTemplates: ['order-confirmed'] })],
  ])('is suppressed for a customer who %s', (_, preferences) => {
    expect(deliver(about, ada, { preferences, now, sends }).status).toBe('suppressed');
  });

  it('is queued when another e-mail is muted', () => {
    const preferences = wish({ mutedTemplates: ['order-shipped'] });
    expect(deliver(about, ada, { preferences, now, sends }).status).toBe('queued');
  });

  it('is suppressed without an address', () => {
    const nobody = { id: 'ada', email: '' };
    const given = { preferences: undefined, now, sends };
    expect(deliver(about, nobody, given).status).toBe('suppressed');
  });
});
