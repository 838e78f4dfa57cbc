import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  newId,
  OrderAnnounced,
  ReleaseStock,
  ReviewReservation,
  ShipmentMoved,
  StepFailed,
} from '@waybill/contracts';
import { SagaDue, type SagaState, sagas } from '@waybill/saga';
import { OrderBench } from '../testing/order.bench.ts';
import { anOrder, laptop, repliesTo, shipmentOfReplies } from '../testing/order.fixtures.ts';
import { CancelOrder, OperateSaga } from './order.local.ts';

let bench: OrderBench;
let orderId: string;
let reply: ReturnType<typeof repliesTo>;
const lines = [{ sku: 'LAPTOP-13', quantity: 1 }];

beforeEach(async () => {
  bench = await new OrderBench().start();
  const order = anOrder({ found: [laptop] });
  orderId = order.orderId;
  await bench.accept(order);
  reply = repliesTo(orderId, totalOfOrder());
  bench.published();
});

const totalOfOrder = () => ({ amount: bench.order(orderId)?.total ?? 0, currency: 'EUR' });
const goesTo = (step: string) => bench.goesTo(step, orderId, totalOfOrder());
const saga = () => bench.state(sagas, `place-order:${orderId}`) as SagaState;
const review = () => ReviewReservation({ orderId, lines, reservedAt: '2026-01-01T00:00:00.000Z' });
const moved = (status: 'picked_up' | 'delivered') =>
  ShipmentMoved({ orderId, shipmentId: shipmentOfReplies, status, at: '2026-01-02T00:00:00.000Z' });

describe('the replies of the participants', () => {
  it('bring an order to confirmed, and tell the world in the commit of the capture', async () => {
    await goesTo('capture-payment');
    expect(bench.published()).toEqual(
      expect.arrayContaining([
        'payment.authorize-payment',
        'shipping.book-shipment',
        'payment.capture-payment',
        'order.updated',
      ]),
    );
    await bench.receives(reply.captured);

    expect(bench.published()).toEqual([
      'inventory.commit-stock',
      'order.confirmed',
      'order.announced',
      'order.updated',
    ]);
    expect(bench.order(orderId)).toMatchObject({
      status: 'confirmed',
      payment: { status: 'captured' },
      shipments: [{ status: 'booked', carrier: 'swift' }],
    });
    await bench.receives(reply.committed);
    expect(saga().status).toBe('completed');
    expect(bench.history(orderId)).toEqual([
      'placed',
      'payment-authorized',
      'shipment-booked',
      'payment-captured',
      'confirmed',
    ]);
  });

  it('change nothing when they come again or too late', async () => {
    await goesTo('book-shipment');
    await bench.receives(reply.reserved, reply.authorized);
    expect(bench.history(orderId)).toEqual(['placed', 'payment-authorized']);
    await bench.receives(reply.committed, reply.captured, reply.released);

    expect(saga().step).toBe('book-shipment');
  });

  it('of an order that does not exist are applied without effect', async () => {
    await bench.receives(repliesTo(newId()).reserved);

    expect(bench.published()).toEqual([]);
    expect(bench.store.dead).toEqual([]);
  });

  it('reject an order once all that was done is undone, with the reason of who said no', async () => {
    await goesTo('book-shipment');
    await bench.receives(reply.noCarrier);
    expect(bench.order(orderId)?.status).toBe('pending');
    bench.sent.length = 0;
    await bench.receives(reply.voided, reply.released);

    const announced = bench.sent.find(({ type }) => type === OrderAnnounced.type);
    expect(announced?.data).toMatchObject({ status: 'rejected', reason: 'shipping_unavailable' });
    expect(bench.order(orderId)).toMatchObject({
      status: 'rejected',
      reason: 'shipping_unavailable',
      payment: { status: 'voided', authorized: 0, captured: 0 },
    });
    expect(saga().status).toBe('aborted');
  });

  it('count a command that became a dead letter as one that may have happened', async () => {
    await goesTo('authorize-payment');
    bench.published();
    const command = 'payment.authorize-payment';
    await bench.receives(
      StepFailed({ orderId, command, deadLetterId: 'payment.1', error: 'broken' }),
    );

    expect(bench.published()).toEqual(['payment.void-payment']);
  });
});

describe('the net of a saga', () => {
  const due = (found: 'confirmed' | 'timed-out') => {
    const { id, step, dueAt } = saga();
    return SagaDue({ sagaId: id, key: orderId, step, dueAt: dueAt ?? '', found });
  };

  it('undoes a step that was never answered, and rejects the order as timed out', async () => {
    await bench.submitted(due('confirmed'));
    await bench.submitted(due('timed-out'));
    expect(bench.published()).toEqual(['inventory.release-stock']);
    await bench.receives(reply.released);

    expect(bench.order(orderId)).toMatchObject({ status: 'rejected', reason: 'timed_out' });
  });
});

describe('an overdue reservation', () => {
  it('of a hanging order makes it give up', async () => {
    await bench.receives(review());

    expect(bench.published()).toEqual(['inventory.release-stock']);
    expect(saga()).toMatchObject({ status: 'compensating', reason: 'timed_out' });
  });

  it('of an order whose capture was sent stays', async () => {
    await goesTo('capture-payment');
    bench.published();
    await bench.receives(review());

    expect(bench.published()).toEqual([]);
  });

  it('of an order that waits for its customer stays', async () => {
    await goesTo('authorize-payment');
    await bench.receives(reply.actionRequired);
    bench.published();
    await bench.receives(review());

    expect(bench.published()).toEqual([]);
  });

  it('of an order that came to nothing, or of none, is released', async () => {
    const unknown = newId();
    await bench.receives(reply.outOfStock);
    bench.published();
    await bench.receives(review(), ReviewReservation({ ...review().data, orderId: unknown }));

    expect(bench.sent.map(({ type, data }) => ({ type, data }))).toEqual([
      { type: ReleaseStock.type, data: { orderId, lines } },
      { type: ReleaseStock.type, data: { orderId: unknown, lines } },
    ]);
  });
});

describe('a carrier', () => {
  it('makes a confirmed order shipped and delivered, and the customer is told', async () => {
    await goesTo('commit-stock');
    bench.published();
    for (const status of ['delivered', 'picked_up'] as const) {
      bench.deliver(moved(status), { group: 'order.shipments' });
      await bench.quiet();
    }

    expect(bench.order(orderId)?.status).toBe('delivered');
    expect(bench.published()).toEqual([
      'order.updated',
      'order.announced',
      'order.announced',
      'order.updated',
    ]);
  });
});

describe('a payment that the customer must confirm', () => {
  const payment = () => bench.order(orderId)?.payment;

  it('shows where, once, until it is authorized', async () => {
    await goesTo('authorize-payment');
    await bench.receives(reply.actionRequired, reply.actionRequired);
    expect(bench.order(orderId)?.status).toBe('pending');
    expect(payment()).toMatchObject({
      status: 'requires_action',
      actionUrl: 'https://provider.example/challenges/ch_1',
    });
    await bench.receives(reply.authorized);
    expect(payment()).toMatchObject({ status: 'authorized' });
    expect(payment()).not.toHaveProperty('actionUrl');
    expect(bench.history(orderId)).toEqual([
      'placed',
      'payment-action-required',
      'payment-authorized',
    ]);
  });

  it('is declined with the order', async () => {
    await goesTo('authorize-payment');
    await bench.receives(reply.actionRequired, reply.declined, reply.released);
    expect(bench.order(orderId)).toMatchObject({
      status: 'rejected',
      reason: 'payment_declined',
      payment: { status: 'declined' },
    });
  });
});

describe('a cancel', () => {
  const cancel = (reason = 'changed my mind') => bench.submitted(CancelOrder({ orderId, reason }));
  const cancelling = () => bench.state(sagas, `cancel-order:${orderId}`) as SagaState | undefined;
  const since = (event: string) => {
    const history = bench.history(orderId);
    return history.slice(history.indexOf(event));
  };

  it('while the order waits for its payment undoes what was done, and tells the world at the end', async () => {
    await goesTo('authorize-payment');
    bench.published();
    await cancel();
    expect(bench.published()).toEqual(['payment.void-payment', 'order.updated']);
    expect(bench.order(orderId)).toMatchObject({
      status: 'cancelling',
      cancelReason: 'changed my mind',
    });
    await bench.receives(reply.voided, reply.released);

    expect(bench.published()).toEqual([
      'inventory.release-stock',
      'order.updated',
      'order.cancelled',
      'order.announced',
      'order.updated',
    ]);
    expect(bench.order(orderId)?.status).toBe('cancelled');
    expect(cancelling()).toBeUndefined();
  });

  it('after the capture was sent is remembered, and begins in the commit that completes the order', async () => {
    await goesTo('capture-payment');
    bench.published();
    await cancel();
    expect(bench.published()).toEqual(['order.updated']);
    await bench.receives(reply.captured);
    expect(bench.order(orderId)).toMatchObject({
      status: 'confirmed',
      cancelReason: 'changed my mind',
    });
    expect(cancelling()).toBeUndefined();
    bench.published();
    await bench.receives(reply.committed);

    expect(bench.published()).toEqual(['shipping.stop-shipment', 'order.updated']);
    expect(bench.order(orderId)?.status).toBe('cancelling');
  });

  it('of a confirmed order stops the parcel, refunds and puts the goods back', async () => {
    await goesTo('begin-cancel');
    bench.published();
    await cancel();
    await bench.receives(reply.stopped, reply.refunded, reply.restored);

    const published = bench.published().filter((type) => type !== 'order.updated');
    expect(published).toEqual([
      'shipping.stop-shipment',
      'payment.refund-payment',
      'inventory.restore-stock',
      'order.cancelled',
      'order.announced',
    ]);
    expect(bench.order(orderId)).toMatchObject({
      status: 'cancelled',
      shipments: [{ status: 'cancelled' }],
      payment: { status: 'refunded', refunded: totalOfOrder().amount },
    });
    expect([saga().status, cancelling()?.status]).toEqual(['completed', 'completed']);
    expect(since('cancel-requested')).toEqual([
      'cancel-requested',
      'cancelling',
      'shipment-cancelled',
      'payment-refunded',
      'cancelled',
    ]);
  });

  it('that the carrier refuses lets the order go on, whoever tells first', async () => {
    await goesTo('begin-cancel');
    await cancel();
    bench.deliver(moved('picked_up'), { group: 'order.shipments' });
    await bench.quiet();
    await bench.receives(reply.notStopped);

    expect(bench.order(orderId)).toMatchObject({ status: 'shipped', cancelReason: null });
    expect(since('cancelling')).toEqual([
      'cancelling',
      'shipment-moved',
      'shipped',
      'cancel-refused',
    ]);
    expect(cancelling()).toMatchObject({ status: 'aborted', reason: 'shipped' });
    await expect(cancel()).rejects.toMatchObject({ code: 'wrong_state' });
  });

  it('that comes again changes nothing', async () => {
    await goesTo('begin-cancel');
    bench.published();
    await cancel();
    await cancel('again');
    await bench.receives(reply.stopped, reply.refunded, reply.restored);
    await cancel('and again');

    expect(bench.order(orderId)?.cancelReason).toBe('changed my mind');
    expect(bench.published().filter((type) => type === 'shipping.stop-shipment')).toHaveLength(1);
  });

  it('of an order that is being rejected lets it be rejected', async () => {
    await goesTo('book-shipment');
    await bench.receives(reply.noCarrier);
    await cancel();
    await bench.receives(reply.voided, reply.released);

    expect(bench.order(orderId)).toMatchObject({ status: 'rejected', cancelReason: null });
    await expect(cancel()).rejects.toMatchObject({ code: 'wrong_state' });
  });

  it('that hangs is tried again by an operator, and not given up', async () => {
    const wishes = (wish: 'retry' | 'compensate') =>
      bench.submitted(OperateSaga({ orderId, sagaId: `cancel-order:${orderId}`, wish, by: 'ops' }));
    await goesTo('begin-cancel');
    await cancel();
    bench.published();
    await wishes('retry');

    expect(bench.published()).toEqual(['shipping.stop-shipment']);
    await expect(wishes('compensate')).rejects.toMatchObject({ code: 'past_point_of_no_return' });
  });
});

describe('an operator', () => {
  const wishes = (wish: 'retry' | 'compensate') =>
    bench.submitted(OperateSaga({ orderId, sagaId: `place-order:${orderId}`, wish, by: 'ops' }));

  it('sends a command again', async () => {
    await wishes('retry');

    expect(bench.published()).toEqual(['inventory.reserve-stock']);
  });

  it('is audited, unless the wish was refused', async () => {
    await wishes('retry');
    await goesTo('capture-payment');
    await expect(wishes('compensate')).rejects.toThrow();

    const audit = bench.store.entries.map(({ row }) => row);
    expect(audit).toMatchObject([
      { sagaId: `place-order:${orderId}`, action: 'retry', step: 'reserve-stock', by: 'ops' },
    ]);
  });

  it('gives an order up before its capture was sent, and is refused after', async () => {
    await goesTo('capture-payment');
    await expect(wishes('compensate')).rejects.toMatchObject({ code: 'past_point_of_no_return' });
    await bench.receives(reply.captured, reply.committed);

    await expect(wishes('retry')).rejects.toMatchObject({ code: 'saga_settled' });
  });
});
