import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  CommitStock,
  newId,
  ReleaseStock,
  ReserveStock,
  RestockReturn,
  RestoreStock,
} from '@waybill/contracts';
import { reservations, stock } from '../storage/inventory.entities.ts';
import { InventoryBench } from '../testing/inventory.bench.ts';
import { ReviewOverdue } from './inventory.local.ts';

let bench: InventoryBench;

beforeEach(async () => {
  bench = await new InventoryBench().start();
});

const orderOf = (sku: string, quantity = 1) => ({ orderId: newId(), lines: [{ sku, quantity }] });
const parts = (sku: string) => {
  const found = bench.state(stock, sku);
  return [found?.available, found?.reserved, found?.sold];
};

describe('the stock of an order', () => {
  it('is put aside and sold, each with one reply and one movement a line', async () => {
    await bench.seed('MUG', 5);
    const order = orderOf('MUG', 2);
    const movementsBefore = bench.store.entries.length;

    bench.command(ReserveStock(order));
    await bench.quiet();
    expect(bench.published()).toEqual([
      { type: 'inventory.stock-reserved', data: { orderId: order.orderId } },
    ]);
    bench.command(CommitStock(order));
    await bench.quiet();

    expect(bench.published()).toEqual([
      { type: 'inventory.stock-committed', data: { orderId: order.orderId } },
    ]);
    expect(parts('MUG')).toEqual([3, 0, 2]);
    expect(bench.store.entries.slice(movementsBefore).map(({ row }) => row)).toMatchObject([
      { kind: 'reserved', sku: 'MUG', quantity: 2, reference: order.orderId },
      { kind: 'sold', sku: 'MUG', quantity: 2, reference: order.orderId },
    ]);
  });

  it('that comes back is on sale again, once for each return, and no more than was sold', async () => {
    await bench.seed('MUG', 5);
    const order = orderOf('MUG', 2);
    for (const command of [ReserveStock(order), CommitStock(order)]) bench.command(command);
    await bench.quiet();
    bench.published();
    const comesBack = async (returnId: string, quantity: number) => {
      bench.command(
        RestockReturn({ ...orderOf('MUG', quantity), orderId: order.orderId, returnId }),
      );
      await bench.quiet();
      return bench.published();
    };
    const [first, second] = [newId(), newId()];
    const restocked = {
      type: 'inventory.return-restocked',
      data: { orderId: order.orderId, returnId: first },
    };
    expect(await comesBack(first, 1)).toEqual([restocked]);
    expect(await comesBack(first, 1)).toEqual([restocked]);
    expect(parts('MUG')).toEqual([4, 0, 2]);
    expect(bench.state(stock, 'MUG')?.returned).toBe(1);
    await comesBack(second, 3);
    expect(bench.store.dead.map(({ error }) => error)).toEqual([
      expect.stringContaining('not sell 3'),
    ]);
  });

  it('is rejected with the short products, and stays untouched', async () => {
    await bench.seed('MUG', 5);
    await bench.seed('LAMP-DESK', 0);
    const order = {
      orderId: newId(),
      lines: [
        { sku: 'MUG', quantity: 1 },
        { sku: 'LAMP-DESK', quantity: 1 },
        { sku: 'NEVER-HEARD-OF', quantity: 1 },
      ],
    };

    bench.command(ReserveStock(order));
    await bench.quiet();

    expect(bench.published()).toEqual([
      {
        type: 'inventory.stock-rejected',
        data: {
          orderId: order.orderId,
          reason: 'out_of_stock',
          skus: ['LAMP-DESK', 'NEVER-HEARD-OF'],
        },
      },
    ]);
    expect(parts('MUG')).toEqual([5, 0, 0]);
  });

  it('is never oversold by orders of one batch', async () => {
    await bench.seed('MUG', 30);
    const batchesBefore = bench.batches.length;

    for (let i = 0; i < 50; i += 1) bench.command(ReserveStock(orderOf('MUG')));
    await bench.quiet();

    const types = bench.published().map(({ type }) => type);
    expect(types.filter((type) => type === 'inventory.stock-reserved')).toHaveLength(30);
    expect(types.filter((type) => type === 'inventory.stock-rejected')).toHaveLength(20);
    expect(parts('MUG')).toEqual([0, 30, 0]);
    expect(bench.batches.length - batchesBefore).toBeLessThan(3);
  });

  it('is put aside once when a message comes twice', async () => {
    await bench.seed('MUG', 5);
    const order = orderOf('MUG');
    const id = newId();

    const deliveries = [
      bench.command(ReserveStock(order), id),
      bench.command(ReserveStock(order), id),
    ];
    await bench.quiet();

    expect(deliveries.every((delivery) => delivery.acked())).toBe(true);
    expect(bench.published()).toHaveLength(1);
    expect(parts('MUG')).toEqual([4, 1, 0]);
  });

  it('is refused without effect when the undo came first', async () => {
    await bench.seed('MUG', 5);
    const order = orderOf('MUG');

    bench.command(ReleaseStock(order));
    await bench.quiet();
    bench.command(ReserveStock(order));
    await bench.quiet();

    expect(bench.published().map(({ data }) => data)).toEqual([
      { orderId: order.orderId },
      { orderId: order.orderId, reason: 'undone', skus: [] },
    ]);
    expect(bench.state(reservations, order.orderId)?.status).toBe('undone');
    expect(parts('MUG')).toEqual([5, 0, 0]);
  });

  it('is put back on sale when its order is cancelled', async () => {
    await bench.seed('MUG', 5);
    const order = orderOf('MUG', 2);
    for (const command of [ReserveStock(order), CommitStock(order), RestoreStock(order)]) {
      bench.command(command);
      await bench.quiet();
    }

    expect(bench.published().at(-1)).toEqual({
      type: 'inventory.stock-restored',
      data: { orderId: order.orderId },
    });
    expect(parts('MUG')).toEqual([5, 0, 0]);
    expect(bench.store.entries.at(-1)?.row).toMatchObject({ kind: 'restored', quantity: 2 });
  });

  it('makes a dead letter of a commit without a reservation, and tells the saga', async () => {
    await bench.seed('MUG', 5);

    bench.command(CommitStock(orderOf('MUG')));
    await bench.quiet();

    expect(bench.store.dead).toMatchObject([{ code: 'reservation_gone', attempts: 1 }]);
    expect(bench.published()).toMatchObject([{ type: 'order.step-failed' }]);
  });

  it('tells once when a product falls to its threshold', async () => {
    await bench.seed('MUG', 5, 3);

    for (let i = 0; i < 4; i += 1) bench.command(ReserveStock(orderOf('MUG')));
    await bench.quiet();

    expect(bench.published().filter(({ type }) => type === 'inventory.stock-low')).toEqual([
      { type: 'inventory.stock-low', data: { sku: 'MUG', available: 3, threshold: 3 } },
    ]);
  });
});

describe('an overdue reservation', () => {
  it('asks its order, with the lines to release, and again after a while', async () => {
    await bench.seed('MUG', 5);
    const order = orderOf('MUG');
    bench.command(ReserveStock(order));
    await bench.quiet();
    bench.published();
    const reservedAt = bench.clock.now().toISOString();

    await bench.submitted(ReviewOverdue({ orderId: order.orderId }));
    expect(bench.published()).toEqual([]);
    await bench.pass(20 * 60_000);
    await bench.submitted(ReviewOverdue({ orderId: order.orderId }));
    await bench.submitted(ReviewOverdue({ orderId: order.orderId }));

    expect(bench.published()).toEqual([
      { type: 'order.review-reservation', data: { ...order, reservedAt } },
    ]);
    expect(parts('MUG')).toEqual([4, 1, 0]);
    expect(bench.state(reservations, order.orderId)).toMatchObject({
      status: 'reserved',
      reviews: 1,
    });
  });
});
