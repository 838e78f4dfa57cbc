import { describe, expect, it } from '@jest/globals';
import { now, orderId, paymentId, paymentWith, told } from '../testing/payments.fixture.ts';
import { type ProviderEvent, takeProviderEvent } from './provider-event.ts';

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
    expect(outcome.payment).toMatchObject({ flag, status: 'authorized' });
    expect(told(outcome)).toMatchObject([
      ['payment.payment-flagged', { orderId, paymentId, flag }],
    ]);
  });

  it('given the same event again, nothing happens', () => {
    const dispute = event({ type: 'charge.disputed' });
    expect(takeProviderEvent(paymentWith(), dispute, dispute, now)).toEqual({ send: [] });
  });

  it('given a dispute of an order without a payment, a person is told all the same', () => {
    const outcome = takeProviderEvent(
      undefined,
      undefined,
      event({ type: 'charge.disputed' }),
      now,
    );
    expect(outcome.payment).toBeUndefined();
    expect(outcome.send).toHaveLength(1);
  });
});
