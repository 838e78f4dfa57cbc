import { expect, it } from '@jest/globals';
import { handlerSpec } from '@waybill/testing';
import { preferences } from '../storage/notification.entities.ts';
import { PreferencesConsumer } from './preferences.consumer.ts';

it('sends nothing to an erased customer, and forgets what was chosen', () => {
  const erased = { customerId: 'ada', at: '2026-01-01T12:00:00.000Z' };
  const chosen = { customerId: 'ada', email: true, mutedTemplates: ['order-shipped' as const] };
  const forget = handlerSpec(new PreferencesConsumer().forget());
  expect(forget.given(chosen).when(erased).decision).toEqual({
    changes: [preferences.put({ customerId: 'ada', email: false, mutedTemplates: [] })],
  });
});
