import { describe, expect, it } from '@jest/globals';
import { now, orderId, paymentId, paymentWith, told } from '../testing/payments.fixture.ts';
import { flagIdOf, type ProviderEvent, takeProviderEvent } from './provider-event.ts';

const event = (more: Partial<ProviderEvent> = {}): ProviderEvent => ({
  eventId: 'evt_1',
  type: 'charge.captured',
  orderId,
  operationId: `${orderId}/capture-payment`,
  chargeId: 'ch_1',
  amount: 1999,
  currency: 'EUR',
  at: now.at,
  ...more,
});

describe('takeProviderEvent', () => {
  it.each([
    ['our capture', event()],
    ['our refund', event({ type: 'charge.refunded', operationId: `${orderId}/refund-payment/r` })],
    ['our void', event({ type: 'charge.voided', operationId: `${orderId}/authorize-payment` })],
  ])('given %s, even before its answer came, nothing is flagged', (_, told) => {
    expect(takeProviderEvent(undefined, undefined, told, now)).toEqual({ send: [] });
    expect(takeProviderEvent(paymentWith(), undefined, told, now)).toEqual({ send: [] });
  });

  it.each([
    ['a dispute', event({ type: 'charge.disputed' }), 'dispute'],
    ['a capture that we did not ask for', event({ operationId: 'dashboard-1' }), 'unknown_charge'],
    [
      'a refund that we did not ask for',
      event({ type: 'charge.refunded', operationId: 'dashboard-2' }),
      'unknown_charge',
    ],
  ])('given %s, the payment is flagged and a person told', (_, flagged, flag) => {
    const outcome = takeProviderEvent(paymentWith(), undefined, flagged, now);
    expect(outcome.payment).toBeUndefined();
    expect(outcome.flag).toMatchObject({
      orderId,
      flag,
      eventId: 'evt_1',
      detail: expect.stringContaining('of 1999 EUR'),
      occurredAt: flagged.at,
      at: now.at,
    });
    expect(told(outcome)).toMatchObject([
      ['payment.payment-flagged', { orderId, paymentId, flag }],
    ]);
  });

  it('given the same event again, nothing happens', () => {
    const dispute = event({ type: 'charge.disputed' });
    const { flag } = takeProviderEvent(paymentWith(), undefined, dispute, now);
    expect(takeProviderEvent(paymentWith(), flag, dispute, now)).toEqual({ send: [] });
  });

  it.each([
    ['another event', { eventId: 'evt_2' }],
    ['another type', { type: 'charge.refunded', operationId: 'dashboard-1' } as const],
    ['another amount', { amount: 5 }],
    ['another operation', { operationId: 'dashboard-3' }],
  ])('given %s, it is another flag, also under the id of a known event', (_, more) => {
    const dispute = event({ type: 'charge.disputed' });
    const other = { ...dispute, ...more };
    expect(flagIdOf(other)).not.toBe(flagIdOf(dispute));
    expect(takeProviderEvent(paymentWith(), undefined, other, now).flag?.id).toBe(flagIdOf(other));
  });

  it('given a dispute of an order without a payment, a person is told all the same', () => {
    const dispute = event({ type: 'charge.disputed' });
    const outcome = takeProviderEvent(undefined, undefined, dispute, now);
    expect(outcome.payment).toBeUndefined();
    expect(outcome.flag).toMatchObject({ orderId, flag: 'dispute' });
    expect(outcome.send).toHaveLength(1);
  });
});
