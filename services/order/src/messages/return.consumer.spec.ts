import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  type OrderAnnounced,
  PaymentRefunded,
  ReturnRestocked,
  ShipmentMoved,
  StockCommitted,
} from '@waybill/contracts';
import { sagas } from '@waybill/saga';
import type { ReturnOrder } from '../sagas/return-order.saga.ts';
import { OrderBench } from '../testing/order.bench.ts';
import { anOrder, laptop, repliesTo, shipmentOfReplies } from '../testing/order.fixtures.ts';
import { ReceiveReturn, RefuseReturn, RequestReturn } from './order.local.ts';

let bench: OrderBench;
let orderId: string;
const line = { sku: laptop.sku, quantity: 1 };

beforeEach(async () => {
  bench = await new OrderBench().start();
  const order = anOrder({ found: [laptop], lines: [{ ...line, quantity: 2 }] });
  orderId = order.orderId;
  await bench.accept(order);
  await bench.goesTo('commit-stock', orderId, totalOfOrder());
});

const totalOfOrder = () => ({ amount: bench.order(orderId)?.total ?? 0, currency: 'EUR' });
const carried = async (
  ...statuses: ('picked_up' | 'in_transit' | 'delivered' | 'undeliverable')[]
) => {
  for (const status of statuses) {
    const moved = {
      orderId,
      shipmentId: shipmentOfReplies,
      status,
      at: '2026-01-02T00:00:00.000Z',
    };
    bench.deliver(ShipmentMoved(moved), { group: 'order.shipments' });
    await bench.quiet();
  }
};
const delivered = async () => {
  await bench.receives(StockCommitted({ orderId }));
  await carried('picked_up', 'in_transit', 'delivered');
  bench.sent.splice(0);
};
const request = () =>
  bench.submitted<{ returnId: string }>(
    RequestReturn({ orderId, lines: [line], reason: 'too small' }),
  );
const saga = () => bench.state(sagas, `return-order:${orderId}`);
/** What the saga refunds. */
const refunding = (): number => (saga()?.data as ReturnOrder | undefined)?.amount.amount ?? 0;
/** A return of one unit that has come. */
const received = async () => {
  const { returnId } = await request();
  await bench.submitted(ReceiveReturn({ orderId, returnId }));
  return { returnId, amount: refunding() };
};
const announced = () =>
  bench.sent
    .splice(0)
    .filter(({ type }) => type === 'order.announced')
    .map(({ data }) => data as ReturnType<typeof OrderAnnounced>['data']);
const replies = (returnId: string, amount: number) => [
  ReturnRestocked({ orderId, returnId }),
  PaymentRefunded({
    orderId,
    paymentId: shipmentOfReplies,
    refundId: returnId,
    amount: { amount, currency: 'EUR' },
  }),
];

describe('a return', () => {
  it('begins its saga when the goods are received, and tells the customer of both', async () => {
    await delivered();
    const { returnId } = await request();
    expect(announced()).toMatchObject([
      { status: 'returning', returnId, reason: 'too small', lines: [line] },
    ]);
    expect(saga()).toBeUndefined();
    await bench.submitted(ReceiveReturn({ orderId, returnId, lines: [{ ...line, sellable: 0 }] }));
    expect(bench.published()).toEqual(['inventory.restock-return', 'order.updated']);
    expect(saga()).toMatchObject({ data: { returnId, lines: [] } });
    const amount = refunding();
    await bench.receives(...replies(returnId, amount));
    expect(announced()).toMatchObject([
      { status: 'refunded', returnId, refunded: { amount }, lines: [line] },
    ]);
    expect(bench.order(orderId)).toMatchObject({
      status: 'delivered',
      payment: { status: 'partially_refunded', refunded: amount },
      returns: [{ status: 'refunded', refunded: amount }],
    });
  });

  it('of another part runs the same saga once more, and ignores late replies about the first', async () => {
    await delivered();
    const one = await received();
    await bench.receives(...replies(one.returnId, one.amount));
    const two = await received();
    await bench.receives(...replies(one.returnId, one.amount));
    expect(saga()?.step).toBe('restock-return');
    await bench.receives(...replies(two.returnId, two.amount));
    expect(bench.order(orderId)).toMatchObject({
      status: 'returned',
      payment: { status: 'refunded', refunded: totalOfOrder().amount },
    });
    expect(one.amount + two.amount).toBe(totalOfOrder().amount);
  });

  it('is one, however often it is requested, and ends when it is refused', async () => {
    await delivered();
    const [one, two] = await Promise.all([request(), request()]);
    expect(two).toEqual(one);
    await bench.submitted(RefuseReturn({ orderId, returnId: one?.returnId ?? '' }));
    expect(bench.order(orderId)?.status).toBe('delivered');
    expect(saga()).toBeUndefined();
    expect((await request()).returnId).not.toBe(one?.returnId);
  });

  it('of a parcel that comes back while its stock is committed begins with the end of that saga', async () => {
    await carried('picked_up', 'in_transit', 'undeliverable');
    expect(bench.order(orderId)?.status).toBe('returning');
    expect(saga()).toBeUndefined();
    await bench.receives(repliesTo(orderId).committed);
    expect(saga()).toMatchObject({ status: 'running', data: { returnId: shipmentOfReplies } });
    await bench.receives(...replies(shipmentOfReplies, totalOfOrder().amount));
    expect(bench.order(orderId)).toMatchObject({
      status: 'returned',
      payment: { status: 'refunded' },
    });
  });
});
