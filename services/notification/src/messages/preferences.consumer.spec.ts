import { describe, expect, it } from '@jest/globals';
import { handlerSpec } from '@waybill/testing';
import { defaultPreferences } from '../domain/delivery.ts';
import { preferences } from '../storage/notification.entities.ts';
import { PreferencesConsumer } from './preferences.consumer.ts';

const consumer = new PreferencesConsumer({ smtpUrl: 'smtp://127.0.0.1' });
const at = '2026-01-01T12:00:00.000Z';
const known = { ...defaultPreferences('ada'), locale: 'de' };

it('sends nothing to an erased customer, and forgets what was chosen', () => {
  const chosen = { ...known, mutedTemplates: ['order-shipped' as const] };
  const forget = handlerSpec(consumer.forget());
  expect(forget.given(chosen).when({ customerId: 'ada', at }).decision).toEqual({
    changes: [preferences.put({ ...defaultPreferences('ada'), email: false })],
  });
});

describe('a new customer', () => {
  const registered = { customerId: 'ada', at, locale: 'de' };
  const welcome = handlerSpec(consumer.welcome());

  it('is known with the language, and welcomed in it', () => {
    const email = 'ada@example.com';
    const { changes = [], send } = welcome.given(undefined).when({ ...registered, email }).decision;
    expect(changes).toEqual([
      preferences.put(known),
      expect.objectContaining({
        value: expect.objectContaining({ template: 'welcome', locale: 'de', status: 'queued' }),
      }),
      expect.objectContaining({ row: expect.objectContaining({ queue: 'email' }) }),
    ]);
    expect(send).toMatchObject([
      { data: { customerId: 'ada', orderId: null, title: 'Willkommen bei Waybill' } },
    ]);
  });

  it('without an e-mail address is only known', () => {
    expect(welcome.given(undefined).when(registered).decision).toEqual({
      changes: [preferences.put(known)],
    });
  });
});
