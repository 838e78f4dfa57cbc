import { describe, expect, it } from '@jest/globals';
import { address } from '../testing/order.fixtures.ts';
import {
  beginCancel,
  cancel,
  confirm,
  mayCancel,
  moveShipment,
  rebookShipment,
  refuseCancel,
  reject,
  requestCancel,
} from './order.decisions.ts';
import { WrongState } from './order.errors.ts';
import { happened, type OrderEvent } from './order.events.ts';
import { fold, type Order, transitions } from './order.ts';
import type { CarrierFact } from './shipment.ts';

const id = '019a9c40-0000-7000-8000-000000000001';
const at = '2026-01-01T12:00:00.000Z';
const placed: OrderEvent = {
  type: 'placed',
  data: {
    number: 'W1',
    customerId: 'ada',
    total: 1_000,
    currency: 'EUR',
    content: {
      customerName: 'Ada',
      customerEmail: 'ada@example.com',
      lines: [{ sku: 'MUG', name: 'Mug', quantity: 1, unitPrice: 1_000, total: 1_000 }],
      shippingAddress: address,
      shippingMethod: 'standard',
      note: null,
      subtotal: 1_000,
      shippingCost: 0,
      tax: 0,
    },
  },
};
const authorized: OrderEvent = {
  type: 'payment-authorized',
  data: { paymentId: id, amount: 1_000 },
};
const booked = (shipment = 's1'): OrderEvent => ({
  type: 'shipment-booked',
  data: { id: shipment, carrier: 'swift', trackingNumber: 'SW1' },
});
const captured: OrderEvent = { type: 'payment-captured', data: { amount: 1_000 } };
const confirmed = [placed, authorized, booked(), captured, happened('confirmed')];

const given = (...events: readonly OrderEvent[]): Order => fold(undefined, events, id, at) as Order;
const fact = (status: CarrierFact['status'], shipmentId = 's1'): CarrierFact => ({
  shipmentId,
  status,
  at,
});
const after = (order: Order, decide: (order: Order) => readonly OrderEvent[]): Order =>
  fold(order, decide(order), id, at) as Order;
/** After a customer asked to cancel it. */
const asked = (order: Order): Order => after(order, (now) => requestCancel(now, 'too slow'));
const types = (events: readonly OrderEvent[]) => events.map(({ type }) => type);
/** The order after these facts, each applied twice, because carriers repeat reports. */
const told = (order: Order, ...facts: readonly CarrierFact[]): Order =>
  facts
    .flatMap((each) => [each, each])
    .reduce((now, each) => fold(now, moveShipment(now, each), id, at) as Order, order);

describe('an order', () => {
  it('begins pending, without money or parcels', () => {
    expect(given(placed)).toMatchObject({
      status: 'pending',
      payment: { status: 'pending', authorized: 0, captured: 0 },
      shipments: [],
      revision: 1,
    });
  });

  it('is confirmed once, with what was paid', () => {
    const order = given(...confirmed);

    expect(order).toMatchObject({ status: 'confirmed', revision: 5 });
    expect(order.payment).toMatchObject({ status: 'captured', authorized: 1_000, captured: 1_000 });
    expect(confirm(order)).toEqual([]);
  });

  it('is rejected with a reason, and says what became of the payment', () => {
    const declined = given(placed, ...reject(given(placed), 'payment_declined'));
    const short = given(placed, ...reject(given(placed), 'out_of_stock'));
    const voided = given(placed, authorized, happened('payment-voided'));

    expect(declined).toMatchObject({ status: 'rejected', reason: 'payment_declined' });
    expect(declined.payment.status).toBe('declined');
    expect(short.payment.status).toBe('voided');
    expect(voided.payment).toMatchObject({ status: 'voided', authorized: 0 });
  });

  it('goes over cancelling to cancelled, and keeps the words of its customer', () => {
    const cancelling = after(asked(given(placed)), beginCancel);
    const cancelled = after(cancelling, cancel);

    expect(cancelling).toMatchObject({ status: 'cancelling', cancelReason: 'too slow' });
    expect(cancelled).toMatchObject({
      status: 'cancelled',
      cancelReason: 'too slow',
      reason: null,
    });
  });

  it('remembers a cancel that has to wait, and is asked for it once', () => {
    const remembered = asked(given(placed, authorized, booked()));
    const paid = after(fold(remembered, [captured], id, at) as Order, confirm);

    expect(remembered).toMatchObject({ status: 'pending', cancelReason: 'too slow' });
    expect(requestCancel(remembered, 'again')).toEqual([]);
    expect(paid).toMatchObject({ status: 'confirmed', cancelReason: 'too slow' });
    expect(types(beginCancel(paid))).toEqual(['cancelling']);
  });

  it('says what was given back', () => {
    const refund = (amount: number): OrderEvent => ({ type: 'payment-refunded', data: { amount } });
    const part = given(...confirmed, refund(400));

    expect(part.payment).toMatchObject({ status: 'partially_refunded', refunded: 400 });
    expect(fold(part, [refund(600)], id, at)?.payment).toMatchObject({
      status: 'refunded',
      captured: 1_000,
      refunded: 1_000,
    });
  });

  it('may be cancelled until a carrier has it; a second cancel is no news', () => {
    const order = given(...confirmed);
    const early = told(given(placed, authorized, booked()), fact('picked_up'));
    const rejected = given(placed, ...reject(given(placed), 'out_of_stock'));

    expect([given(placed), order].map(mayCancel)).toEqual([true, true]);
    const cancelling = after(asked(order), beginCancel);
    const again = [asked(given(placed)), asked(order), cancelling, after(cancelling, cancel)];
    expect(again.map(mayCancel)).toEqual([false, false, false, false]);
    const parcels = [told(order, fact('picked_up')), told(cancelling, fact('picked_up'))];
    for (const late of [...parcels, early, rejected]) {
      expect(() => mayCancel(late)).toThrow(WrongState);
    }
    expect(() => mayCancel(early)).toThrow('is shipped: it cannot become cancelled');
  });

  it('goes on as shipped when its carrier had it before the cancel', () => {
    const cancelling = after(asked(given(...confirmed)), beginCancel);
    const refused = after(cancelling, refuseCancel);
    const reported = after(told(cancelling, fact('picked_up')), refuseCancel);

    for (const order of [refused, reported]) {
      expect(order).toMatchObject({ status: 'shipped', cancelReason: null });
      expect(beginCancel(order)).toEqual([]);
    }
    expect(told(refused, fact('picked_up'), fact('delivered')).status).toBe('delivered');
  });

  it('goes on in part when one of its parcels left before the cancel, and the other is booked again', () => {
    const two = [placed, authorized, booked(), booked('s2'), captured, happened('confirmed')];
    const refused = after(after(asked(given(...two)), beginCancel), refuseCancel);
    expect(refused).toMatchObject({ status: 'partially_shipped', cancelReason: null });
    const booking = { id: 's2', carrier: 'heron', trackingNumber: 'HR2' };
    const rebooked = after(refused, (order) => rebookShipment(order, booking));
    expect(rebooked.shipments[1]).toEqual({ ...booking, status: 'booked' });
    expect(rebookShipment(rebooked, booking)).toEqual([]);
    const gone = told(rebooked, fact('picked_up'), fact('picked_up', 's2'));
    expect(gone.status).toBe('shipped');
  });

  it('refuses every way that does not exist, by a typed error', () => {
    const rejected = given(placed, ...reject(given(placed), 'out_of_stock'));

    expect(() => confirm(rejected)).toThrow(WrongState);
    expect(() => cancel(given(placed))).toThrow('is pending: it cannot become cancelled');
    expect(() => reject(given(...confirmed), 'timed_out')).toThrow(WrongState);
  });

  it('has a way out of every state but the last ones', () => {
    const last = Object.entries(transitions).filter(([, ways]) => ways.length === 0);

    expect(last.map(([state]) => state)).toEqual(['rejected', 'cancelled', 'returned']);
  });
});

describe('the parcels of an order', () => {
  it('make it shipped when the carrier has them, and delivered when the customer has', () => {
    const shipped = told(given(...confirmed), fact('picked_up'));

    expect(shipped.status).toBe('shipped');
    expect(told(shipped, fact('in_transit'), fact('delivered')).status).toBe('delivered');
  });

  it('hold a fact that comes early, and apply it when its predecessor comes', () => {
    const early = told(given(...confirmed), fact('delivered'));
    const late = told(early, fact('picked_up'));

    expect(early).toMatchObject({ status: 'confirmed', early: [{ status: 'delivered' }] });
    expect(late).toMatchObject({ status: 'delivered', early: [] });
  });

  it('apply what carriers told before the booking or the payment was known', () => {
    const unknown = told(given(placed, authorized), fact('delivered'), fact('picked_up'));
    const known = [booked(), captured].reduce(
      (order, event) => fold(order, [event], id, at) as Order,
      unknown,
    );

    expect(unknown).toMatchObject({ status: 'pending', shipments: [] });
    expect(types(confirm(known))).toEqual(['confirmed', 'shipped', 'delivered']);
  });

  it('never go back', () => {
    const delivered = told(given(...confirmed), fact('picked_up'), fact('delivered'));

    expect(moveShipment(delivered, fact('in_transit'))).toEqual([]);
  });

  it('make it partially shipped while another is still here', () => {
    const both = given(placed, authorized, booked(), booked('s2'), captured, happened('confirmed'));
    const one = told(both, fact('picked_up'));

    expect(one.status).toBe('partially_shipped');
    expect(told(one, fact('picked_up', 's2')).status).toBe('shipped');
  });
});
