import { beforeEach, describe, expect, it } from '@jest/globals';
import { isLive } from './booking.ts';
import { type BookingRequest, Books } from './books.ts';
import { forgetful } from './ledger.ts';
import { type CarrierProfile, profiles } from './tariff.ts';

const operationId = '0190a0a0-0000-7000-8000-000000000001/book-shipment';
const request: BookingRequest = {
  operationId,
  reference: 'order',
  method: 'standard',
  weightGrams: 1_200,
  address: { name: 'Ada', line1: '1 Main St', city: 'Berlin', postalCode: '10115', country: 'DE' },
};
const now = () => new Date('2026-03-01T10:00:00Z');

describe('the books of a carrier', () => {
  let books: Books;
  beforeEach(() => {
    books = new Books(profiles[0] as CarrierProfile, forgetful, { currency: 'EUR', now });
  });

  it('give the same answer to the same request under the same key', async () => {
    const first = await books.book(request);
    expect(first).toMatchObject({ status: 'booked', trackingNumber: 'HP000000014DE' });
    expect(await books.book(structuredClone(request))).toEqual(first);
    expect(books.bookings().filter(isLive)).toHaveLength(1);
  });

  it('take the order of properties for no difference', async () => {
    await books.book(request);
    const { address, ...rest } = request;
    await expect(books.book({ address, ...rest })).resolves.toMatchObject({ operationId });
  });

  it('refuse another body under a used key', async () => {
    await books.book(request);
    await expect(books.book({ ...request, weightGrams: 1 })).rejects.toMatchObject({
      status: 422,
      code: 'idempotency_key_reused',
    });
  });

  it('refuse a parcel that was cancelled before it was booked', async () => {
    expect(await books.cancel(operationId)).toMatchObject({ status: 'never_booked' });
    await expect(books.book(request)).rejects.toMatchObject({ code: 'operation_cancelled' });
    expect(books.bookings().filter(isLive)).toEqual([]);
  });

  it('refuse to book a cancelled operation again', async () => {
    await books.book(request);
    expect(await books.cancel(operationId)).toMatchObject({ status: 'cancelled' });
    expect(await books.cancel(operationId)).toMatchObject({ status: 'cancelled' });
    await expect(books.book(request)).rejects.toMatchObject({ code: 'operation_cancelled' });
  });

  it('refuse to cancel what was picked up, and say what they know', async () => {
    await books.book(request);
    await books.move(operationId, 'picked_up');
    await expect(books.cancel(operationId)).rejects.toMatchObject({
      code: 'too_late',
      more: { booking: { status: 'picked_up', trackingNumber: 'HP000000014DE' } },
    });
  });

  it('move a parcel through every place on its way', async () => {
    await books.book(request);
    const moved = await books.move(operationId, 'delivered');
    expect(moved.map(({ status }) => status)).toEqual(['picked_up', 'in_transit', 'delivered']);
    await expect(books.move(operationId, 'picked_up')).rejects.toMatchObject({
      code: 'no_such_move',
    });
  });

  it('take no parcel that is too heavy or goes where the carrier does not', () => {
    const heavy = { country: 'DE', weightGrams: 40_000, method: 'standard' as const };
    expect(() => books.quote(heavy)).toThrow('carries at most 31500 g');
    const [, swiftlet] = profiles;
    const quick = new Books(swiftlet as CarrierProfile, forgetful, { currency: 'EUR', now });
    expect(() => quick.quote({ country: 'CH', weightGrams: 1, method: 'express' })).toThrow(
      'does not deliver to CH',
    );
  });

  it('have no two tracking numbers alike', async () => {
    const numbers = new Set<string | null>();
    for (let n = 0; n < 50; n += 1) {
      numbers.add((await books.book({ ...request, operationId: `${n}` })).trackingNumber);
    }
    expect(numbers.size).toBe(50);
  });
});
