import { describe, expect, it } from '@jest/globals';
import { address } from '../testing/order.fixtures.ts';
import { confirm, moveShipment } from './order.decisions.ts';
import { happened, type OrderEvent, type ReceivedLine } from './order.events.ts';
import { fold, type Order } from './order.ts';
import { keptLines, refundOf } from './refund.ts';
import {
  bringBack,
  completeReturn,
  openReturn,
  receiveReturn,
  recordRefund,
  refuseReturn,
  requestReturn,
} from './return.decisions.ts';
import type { CarrierFact } from './shipment.ts';

const id = '019a9c40-0000-7000-8000-000000000001';
const shipmentId = '019a9c40-0000-7000-8000-0000000000aa';
const returnId = '019a9c40-0000-7000-8000-0000000000bb';
const at = '2026-01-01T12:00:00.000Z';
// Three mugs with a discount, taxed at 19 %; a book at 7 %; shipping at 19 %. No part of it is divisible without a remainder.
const placed: OrderEvent = {
  type: 'placed',
  data: {
    number: 'W1',
    customerId: 'ada',
    total: 4_567,
    currency: 'EUR',
    content: {
      customerName: 'Ada',
      customerEmail: 'ada@example.com',
      lines: [
        { sku: 'MUG', name: 'Mug', quantity: 3, unitPrice: 1_000, total: 3_000, discount: 100 },
        { sku: 'BOOK', name: 'B', quantity: 1, unitPrice: 500, total: 500, taxClass: 'reduced' },
      ],
      shippingAddress: address,
      shippingMethod: 'standard',
      note: null,
      subtotal: 3_500,
      voucher: { code: 'TEN', discount: 100 },
      shippingCost: 499,
      tax: 668,
      taxes: [
        { class: 'standard', rate: 1_900, net: 3_399, tax: 633 },
        { class: 'reduced', rate: 700, net: 500, tax: 35 },
      ],
    },
  },
};
const fact = (status: CarrierFact['status']): CarrierFact => ({ shipmentId, status, at });
const then = (order: Order | undefined, ...events: readonly OrderEvent[]): Order =>
  fold(order, events, id, at) as Order;
const told = (order: Order, ...statuses: readonly CarrierFact['status'][]): Order =>
  statuses.reduce((now, status) => then(now, ...moveShipment(now, fact(status))), order);
const booked = then(
  undefined,
  placed,
  { type: 'payment-authorized', data: { paymentId: id, amount: 4_567 } },
  { type: 'shipment-booked', data: { id: shipmentId, carrier: 'swift', trackingNumber: 'SW1' } },
  { type: 'payment-captured', data: { amount: 4_567 } },
);
const confirmed = then(booked, happened('confirmed'));
const delivered = told(confirmed, 'picked_up', 'in_transit', 'delivered');
const types = (events: readonly OrderEvent[]) => events.map(({ type }) => type);

const mugs = (quantity: number) => [{ sku: 'MUG', quantity }];
const asked = (order: Order, lines = mugs(2), as = returnId): Order =>
  then(order, ...requestReturn(order, { returnId: as, reason: 'too small', lines }).events);
const received = (order: Order, lines?: readonly ReceivedLine[], as = returnId): Order =>
  then(order, ...receiveReturn(order, as, lines));
const done = (order: Order): Order => {
  const refunded = then(order, ...recordRefund(order, undefined));
  return then(refunded, ...completeReturn(refunded));
};

describe('a return', () => {
  it('of a delivered order is authorized, once, and the order waits for it', () => {
    const order = asked(delivered);
    expect(order.status).toBe('returning');
    expect(order.returns).toMatchObject([{ id: returnId, status: 'authorized', refunded: 0 }]);
    const again = { returnId: id, reason: 'too small', lines: mugs(2) };
    expect(requestReturn(order, again)).toEqual({ returnId, events: [] });
    const other = { ...again, lines: mugs(1) };
    expect(() => requestReturn(order, other)).toThrow('is returning: it cannot become returning');
  });

  it.each([
    ['confirmed', confirmed],
    ['shipped', told(confirmed, 'picked_up')],
    ['returned', told(confirmed, 'picked_up', 'in_transit', 'undeliverable')],
  ])('of an order that is %s is refused', (_, order) => {
    const back = order.status === 'returning' ? done(order) : order;
    expect(() => asked(back)).toThrow(expect.objectContaining({ code: 'wrong_state' }));
  });

  it.each([
    ['more than was bought', mugs(4), 'not_returnable', '/lines/0/quantity'],
    ['what was not bought', [{ sku: 'LAMP', quantity: 1 }], 'not_returnable', '/lines/0/quantity'],
    ['a product on two lines', [...mugs(1), ...mugs(1)], 'duplicate_sku', '/lines/1/sku'],
  ])('of %s is refused', (_, lines, code, path) => {
    expect(() => asked(delivered, lines)).toThrow(expect.objectContaining({ code, path }));
  });

  it('is refunded as far as it came, and more of the order may follow', () => {
    const order = received(asked(delivered), [{ ...mugs(1)[0], sellable: 0 } as ReceivedLine]);
    expect(order.status).toBe('returning');
    const partly = done(order);
    expect(partly).toMatchObject({
      status: 'delivered',
      payment: { status: 'partially_refunded' },
    });
    expect(partly.returns).toMatchObject([{ status: 'refunded', lines: [{ received: 1 }] }]);
    expect(keptLines(partly)).toEqual([...mugs(2), { sku: 'BOOK', quantity: 1 }]);
    expect(() => asked(partly, mugs(3))).toThrow('of MUG 2 can be returned, not 3');
  });

  it('refunds every cent, and the shipping cost, once nothing is kept', () => {
    let order = delivered;
    const all = [mugs(1), mugs(1), [...mugs(1), { sku: 'BOOK', quantity: 1 }]];
    for (const [i, lines] of all.entries()) {
      expect(order.status).toBe('delivered');
      order = done(received(asked(order, lines, `return-${i}`), undefined, `return-${i}`));
    }
    expect(order).toMatchObject({ status: 'returned', payment: { status: 'refunded' } });
    expect(order.payment.refunded).toBe(4_567);
    const parts = order.returns.map((each) => each.refunded);
    // A mug is 2,900 / 3 and its tax 540 / 3; the last return has the remainders, the book and the shipping.
    expect(parts).toEqual([967 + 180, 966 + 180, 967 + 180 + 500 + 35 + 499 + 93]);
  });

  it('says of each line and of the shipping what was refunded, before and in tax', () => {
    const order = received(asked(delivered, [...mugs(3), { sku: 'BOOK', quantity: 1 }]));
    const open = openReturn(order);
    expect(open && refundOf(order, open)).toEqual({
      amount: 4_567,
      refundId: returnId,
      lines: [
        { sku: 'MUG', quantity: 3, net: 2_900, tax: 540 },
        { sku: 'BOOK', quantity: 1, net: 500, tax: 35 },
      ],
      shipping: { net: 499, tax: 93 },
    });
  });

  it('can be refused in part and as a whole', () => {
    const partly = then(asked(delivered), ...refuseReturn(asked(delivered), returnId, mugs(1)));
    expect(partly.status).toBe('returning');
    expect(() =>
      receiveReturn(partly, returnId, [{ sku: 'MUG', quantity: 2, sellable: 0 }]),
    ).toThrow('of MUG 1 are awaited, not 2');
    const refused = then(partly, ...refuseReturn(partly, returnId, undefined));
    expect(refused).toMatchObject({ status: 'delivered', returns: [{ status: 'refused' }] });
    expect(() => received(refused)).toThrow(`return ${returnId} is refused: it cannot become`);
    expect(keptLines(refused)).toEqual(keptLines(delivered));
    expect(asked(refused, mugs(3), id).status).toBe('returning');
  });

  it('that is received twice, or by the carrier too, is received once', () => {
    const order = received(asked(delivered));
    expect(() => received(order)).toThrow('is received: it cannot become received');
    expect(types(moveShipment(order, fact('returned')))).toEqual(['shipment-moved']);
  });
});

describe('a parcel that comes back', () => {
  it('undeliverable is a return of everything, which is here', () => {
    const order = told(confirmed, 'picked_up', 'in_transit', 'undeliverable');
    expect(order).toMatchObject({
      status: 'returning',
      returns: [{ id: shipmentId, status: 'received', reason: 'undeliverable' }],
    });
    expect(done(order)).toMatchObject({ status: 'returned', payment: { refunded: 4_567 } });
  });

  it('before the order was confirmed comes back then', () => {
    const early = told(booked, 'undeliverable', 'picked_up');
    expect(types(confirm(early))).toEqual([
      'confirmed',
      'shipped',
      'return-requested',
      'returning',
      'return-received',
    ]);
  });

  it('from its customer is the return that was requested', () => {
    const order = told(asked(delivered), 'returned');
    expect(order.returns).toMatchObject([
      { id: returnId, status: 'received', lines: [{ received: 2, sellable: 2 }] },
    ]);
  });

  it('from its customer, without a request, is a return of what was kept', () => {
    const order = told(done(received(asked(delivered))), 'returned');
    expect(order.returns[1]).toMatchObject({
      id: shipmentId,
      reason: 'returned',
      lines: [
        { sku: 'MUG', received: 1 },
        { sku: 'BOOK', received: 1 },
      ],
    });
    expect(bringBack(done(order), order.shipments)).toEqual([]);
  });
});
