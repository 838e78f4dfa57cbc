import { describe, expect, it } from '@jest/globals';
import {
  BookAtCarrier,
  derivedId,
  type Message,
  SettleCancel,
  ShipmentBooked,
  ShipmentRejected,
} from '@waybill/contracts';
import { takeBookAnswer, takeWithdrawal } from './book-shipment.ts';
import { settleCancel } from './cancel-shipment.ts';
import { takeFact } from './carrier-facts.ts';
import { cancelParcels, type Outcomes, ofOrder, requestParcels, stopParcels } from './parcels.ts';
import { keyOf, type Moment, operationIdOf, type Shipment } from './shipment.ts';

const orderId = '0195a000-0000-7000-8000-000000000001';
const now = new Date('2026-03-01T00:00:00.000Z');
const moment: Moment = { now, id: (name) => derivedId(orderId, name) };
const request = {
  orderId,
  customerId: 'ada',
  address: { name: 'Ada', line1: '1 Main St', city: 'Berlin', postalCode: '10115', country: 'DE' },
  country: 'DE',
  method: 'standard' as const,
  weightGrams: 3_000,
  parcels: [
    { warehouse: 'MAIN', weightGrams: 1_000 },
    { warehouse: 'NORTH', weightGrams: 2_000 },
  ],
};
const booking = (number: number, times = 0) => ({
  trackingNumber: `HP${number}${times}`,
  cost: { amount: 100 * number, currency: 'EUR' },
});
const cancelled = { outcome: 'cancelled' } as const;

/** The parcels of one order, each decided as the consumer does. */
class Parcels {
  readonly rows = new Map<string, Shipment>();
  sent: readonly Message[] = [];

  take({ shipments, send }: Outcomes): readonly string[] {
    for (const shipment of shipments) this.rows.set(shipment.orderId, shipment);
    this.sent = send;
    return send.map(({ contract }) => contract.type);
  }

  request(...candidates: readonly (readonly string[])[]) {
    return this.take(requestParcels(this.all(), request, candidates, moment));
  }

  answer(number: number, answer: Parameters<typeof takeBookAnswer>[2]) {
    const row = this.row(number);
    const outcome = takeBookAnswer(row, row?.carrier ?? '', answer, now);
    return this.take(ofOrder(outcome, this.others(number), now));
  }

  book(number: number) {
    const times = this.row(number)?.parcel?.again;
    return this.answer(number, { outcome: 'booked', ...booking(number, times) });
  }

  withdraw(number: number) {
    const row = this.row(number);
    const withdrawal = { carrier: row?.carrier ?? '', because: 'no' };
    return this.take(
      ofOrder(takeWithdrawal(row, withdrawal, cancelled, now), this.others(number), now),
    );
  }

  cancel(...answers: readonly (typeof cancelled | { outcome: 'unknown' } | undefined)[]) {
    const all = [1, 2].map((number, i) => ({ found: this.row(number), answer: answers[i] }));
    return this.take(cancelParcels(all, orderId, moment));
  }

  stop(...answers: Parameters<typeof stopParcels>[0][number]['answer'][]) {
    const all = [1, 2].map((number, i) => ({ found: this.row(number), answer: answers[i] }));
    return this.take(stopParcels(all, orderId, moment));
  }

  move(number: number) {
    const { trackingNumber } = booking(number);
    const fact = { carrier: 'heron', trackingNumber, status: 'picked_up', at: now.toISOString() };
    const outcome = takeFact(this.row(number), fact as never, now);
    return this.take(ofOrder(outcome, [], now));
  }

  statuses() {
    return [1, 2].map((number) => this.row(number)?.status);
  }

  row(number: number) {
    return this.rows.get(keyOf(orderId, number));
  }

  private all() {
    return [1, 2].flatMap((number) => this.row(number) ?? []);
  }

  private others(number: number) {
    return this.all().filter((each) => each !== this.row(number));
  }
}

function requested() {
  const parcels = new Parcels();
  parcels.request(['heron', 'oxcart'], ['heron']);
  return parcels;
}
function booked() {
  const parcels = requested();
  parcels.book(1);
  parcels.book(2);
  return parcels;
}

describe('an order with two parcels', () => {
  it('has a booking of each, with a key of its own', () => {
    const parcels = new Parcels();
    const types = parcels.request(['heron', 'oxcart'], ['heron']);
    expect(types).toEqual([BookAtCarrier.type, BookAtCarrier.type]);
    expect(parcels.sent.map(({ data }) => data)).toEqual([
      { orderId, parcels: 2, carrier: 'heron' },
      { orderId, parcel: 2, parcels: 2, carrier: 'heron' },
    ]);
    const rows = [1, 2].map((number) => parcels.row(number) as Shipment);
    expect(rows.map(({ weightGrams }) => weightGrams)).toEqual([1_000, 2_000]);
    expect(rows.map(operationIdOf)).toEqual([
      `${orderId}/book-shipment`,
      `${orderId}/book-shipment/2`,
    ]);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(2);
  });

  it.each([
    [1, 2],
    [2, 1],
  ])('is booked when the last is, whichever that is: %d, %d', (first, last) => {
    const parcels = requested();
    expect(parcels.book(first)).toEqual([]);
    expect(parcels.book(last)).toEqual([ShipmentBooked.type]);
    const [reply] = parcels.sent;
    expect(reply?.data).toMatchObject({
      orderId,
      trackingNumber: 'HP10',
      others: [{ trackingNumber: 'HP20' }],
    });
    parcels.request();
    expect(parcels.sent).toEqual([reply]);
  });

  it('waits for those that are not booked when it is asked again', () => {
    const parcels = requested();
    parcels.book(1);
    expect(parcels.request()).toEqual([]);
  });

  it('is refused as a whole when no carrier takes one of them', () => {
    const parcels = new Parcels();
    expect(parcels.request(['heron'], [])).toEqual([ShipmentRejected.type]);
    expect(parcels.sent[0]?.data).toMatchObject({ orderId, final: true });
    expect(parcels.statuses()).toEqual(['rejected', 'rejected']);
    expect(parcels.request()).toEqual([ShipmentRejected.type]);
  });

  it('tries the next carrier for one of them', () => {
    const parcels = requested();
    parcels.book(2);
    parcels.answer(1, { outcome: 'refused', detail: 'full' });
    expect(parcels.withdraw(1)).toEqual([BookAtCarrier.type]);
    expect(parcels.row(1)?.carrier).toBe('oxcart');
    expect(parcels.book(1)).toEqual([ShipmentBooked.type]);
  });

  it.each([
    ['booked', true],
    ['not booked yet', false],
  ])('is refused when one has no carrier left, and the other, %s, is cancelled', (_, isBooked) => {
    const parcels = requested();
    if (isBooked) parcels.book(1);
    parcels.answer(2, { outcome: 'refused', detail: 'full' });
    expect(parcels.withdraw(2)).toEqual([ShipmentRejected.type, SettleCancel.type]);
    expect(parcels.statuses()).toEqual(['cancel_pending', 'rejected']);
    expect(parcels.book(1)).toEqual([]);
    parcels.take(ofOrder(settleCancel(parcels.row(1), 'heron', cancelled, now), [], now));
    expect(parcels.statuses()).toEqual(['rejected', 'rejected']);
    expect(parcels.request()).toEqual([ShipmentRejected.type]);
  });

  it.each([
    [[cancelled, cancelled], 'cancelled', ['cancelled', 'cancelled']],
    [
      [cancelled, { outcome: 'unknown' as const }],
      'cancel_pending',
      ['cancelled', 'cancel_pending'],
    ],
  ])('is undone in one go: %j', (answers, state, statuses) => {
    const parcels = booked();
    parcels.cancel(...answers);
    expect(parcels.sent[0]?.data).toEqual({ orderId, state });
    expect(parcels.statuses()).toEqual(statuses);
  });

  it('is undone before it came', () => {
    const parcels = new Parcels();
    parcels.cancel();
    expect(parcels.sent[0]?.data).toEqual({ orderId, state: 'never_booked' });
    expect(parcels.request(['heron'], ['heron'])).toEqual([ShipmentRejected.type]);
    expect(parcels.statuses()).toEqual(['undone', undefined]);
  });

  it('is stopped if no carrier has a parcel', () => {
    const parcels = booked();
    expect(parcels.stop(cancelled, cancelled)).toEqual(['shipping.shipment-stopped']);
    expect(parcels.statuses()).toEqual(['cancelled', 'cancelled']);
  });

  it('is not stopped once a carrier has a parcel', () => {
    const parcels = booked();
    parcels.move(2);
    expect(parcels.stop()).toEqual(['shipping.shipment-not-stopped']);
    expect(parcels.statuses()).toEqual(['booked', 'picked_up']);
  });

  it('gets a new booking of the parcel that was stopped when the other turns out to have left', () => {
    const parcels = booked();
    const tooLate = { outcome: 'too_late', booking: booking(2) } as const;
    const types = parcels.stop(cancelled, tooLate);
    expect(types).toEqual(['shipping.shipment-not-stopped', BookAtCarrier.type]);
    expect(parcels.statuses()).toEqual(['quoted', 'booked']);
    expect(operationIdOf(parcels.row(1) as Shipment)).toBe(`${orderId}/book-shipment/1.1`);
    expect(parcels.book(1)).toEqual(['shipping.shipment-rebooked']);
    expect(parcels.sent[0]?.data).toMatchObject({ orderId, trackingNumber: 'HP11' });
  });

  it('reports each move with the order and the parcel', () => {
    const parcels = booked();
    expect(parcels.move(2)).toEqual(['shipping.shipment-moved']);
    expect(parcels.sent[0]?.data).toMatchObject({ orderId, shipmentId: parcels.row(2)?.id });
  });
});
