import { describe, expect, it } from '@jest/globals';
import { type LedgerBooking, shippingInvariants } from './shipping.invariants.ts';

const orderId = '0195a000-0000-7000-8000-000000000001';
const booked = {
  orderId,
  status: 'booked',
  carrier: 'heron',
  trackingNumber: 'HP1',
  costAmount: '490',
};
const booking: LedgerBooking = {
  carrier: 'heron',
  operationId: `${orderId}/book-shipment`,
  status: 'booked',
  trackingNumber: 'HP1',
  cost: { amount: 490, currency: 'EUR' },
};
const check = (rows: object[], ledger: LedgerBooking[]) =>
  shippingInvariants({ query: async () => rows } as never, ledger);

describe('the invariants of shipping', () => {
  it('hold when both books agree', async () => {
    expect(await check([booked], [booking])).toEqual([]);
    const cancelled = { ...booking, status: 'cancelled' };
    expect(await check([{ ...booked, status: 'cancelled' }], [cancelled])).toEqual([]);
    const never = { ...booking, status: 'never_booked' };
    expect(await check([{ ...booked, status: 'cancelled' }], [never])).toEqual([]);
    expect(await check([booked], [booking, { ...never, carrier: 'oxcart' }])).toEqual([]);
    expect(await check([{ ...booked, status: 'in_transit' }], [booking])).toEqual([]);
  });

  it.each<[string, object[], LedgerBooking[], string]>([
    ['no parcel', [booked], [], 'has 0 parcels: none'],
    [
      'two parcels',
      [booked],
      [booking, { ...booking, carrier: 'oxcart' }],
      'has 2 parcels: heron (booked), oxcart (booked)',
    ],
    [
      'a parcel of a rejected order',
      [{ ...booked, status: 'rejected' }],
      [booking],
      'is rejected, but has a parcel at heron (booked)',
    ],
    ['a parcel that nobody asked for', [], [booking], 'shipping does not know it'],
    [
      'another price',
      [booked],
      [{ ...booking, cost: { amount: 491, currency: 'EUR' } }],
      'another booking',
    ],
    [
      'an unsettled shipment',
      [{ ...booked, status: 'cancel_pending' }],
      [],
      'still cancel_pending',
    ],
  ])('find %s', async (_, rows, ledger, sentence) => {
    expect(await check(rows, ledger)).toEqual([expect.stringContaining(sentence)]);
  });
});
