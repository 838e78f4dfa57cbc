import { beforeEach, describe, expect, it } from '@jest/globals';
import { PaymentFlagged, ShipmentMoved } from '@waybill/contracts';
import { type SagaState, sagas } from '@waybill/saga';
import { OrderBench } from '../testing/order.bench.ts';
import { anOrder, laptop, repliesTo, shipmentOfReplies } from '../testing/order.fixtures.ts';
import { CancelOrder } from './order.local.ts';

let bench: OrderBench;
let orderId: string;
beforeEach(async () => {
  bench = await new OrderBench().start();
  const order = anOrder({ found: [laptop] });
  orderId = order.orderId;
  await bench.accept(order);
  bench.published();
});

const total = () => ({ amount: bench.order(orderId)?.total ?? 0, currency: 'EUR' });
const placed = async () => {
  await bench.goesTo('capture-payment', orderId, total());
  await bench.receives(repliesTo(orderId, total()).captured, repliesTo(orderId, total()).committed);
  bench.published();
};
async function disputed(flag: 'dispute' | 'unknown_charge' = 'dispute', id = orderId) {
  const paymentId = shipmentOfReplies;
  const flagged = PaymentFlagged({ orderId: id, paymentId, flag, detail: 'charge.disputed' });
  bench.deliver(flagged, { group: 'order.payments' });
  await bench.quiet();
}
const saga = (name: string) => bench.state(sagas, `${name}:${orderId}`) as SagaState | undefined;

describe('a dispute', () => {
  it('of a confirmed order stops its parcel, once', async () => {
    await placed();
    await disputed();
    await disputed();
    expect(bench.order(orderId)).toMatchObject({
      status: 'cancelling',
      disputed: true,
      cancelReason: 'the payment is disputed',
    });
    expect(bench.published()).toEqual(['shipping.stop-shipment', 'order.updated']);
    expect(bench.history(orderId).slice(-3)).toEqual([
      'disputed',
      'cancel-requested',
      'cancelling',
    ]);
  });

  it('while an order is placed undoes what was done, and from the capture on cancels it afterwards', async () => {
    await bench.goesTo('book-shipment', orderId, total());
    await disputed();
    expect(saga('place-order')).toMatchObject({ status: 'compensating', reason: 'cancelled' });

    const order = anOrder({ found: [laptop] });
    orderId = order.orderId;
    await bench.accept(order);
    await bench.goesTo('capture-payment', orderId, total());
    await disputed();
    expect(saga('place-order')).toMatchObject({ status: 'running', step: 'capture-payment' });
    await placed();
    expect(saga('cancel-order')).toMatchObject({ status: 'running', step: 'stop-shipment' });
  });

  it('of an order that its carrier has only shows', async () => {
    await placed();
    const at = '2026-01-02T00:00:00.000Z';
    const left = ShipmentMoved({ orderId, shipmentId: shipmentOfReplies, status: 'picked_up', at });
    bench.deliver(left, { group: 'order.shipments' });
    await bench.quiet();
    bench.published();
    await disputed();
    expect(bench.order(orderId)).toMatchObject({ status: 'shipped', disputed: true });
    expect([bench.published(), saga('cancel-order')]).toEqual([['order.updated'], undefined]);
  });

  it('of an order that its customer cancels, or that was rejected, only shows', async () => {
    await bench.receives(repliesTo(orderId).outOfStock);
    await disputed();
    expect(bench.order(orderId)).toMatchObject({ status: 'rejected', disputed: true });

    const order = anOrder({ found: [laptop] });
    orderId = order.orderId;
    await bench.accept(order);
    await bench.submitted(CancelOrder({ orderId, reason: 'too slow' }));
    await disputed();
    expect(bench.order(orderId)).toMatchObject({ disputed: true, cancelReason: 'too slow' });
  });

  it('of no order of ours, and a charge that nobody requested, change no order', async () => {
    await disputed('unknown_charge');
    await disputed('dispute', '019a0000-0000-7000-8000-000000000009');
    expect(bench.order(orderId)?.disputed).toBe(false);
    expect(bench.published()).toEqual([]);
  });
});
