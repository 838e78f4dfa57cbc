import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  newId,
  OrderAnnounced,
  ProductRestocked,
  ReserveStock,
  RestockProduct,
  RestockRequested,
  StockLow,
} from '@waybill/contracts';
import { products, replenishments, stock, supplierOrders } from '../storage/inventory.entities.ts';
import { InventoryBench } from '../testing/inventory.bench.ts';
import { ChangeProduct, TakeDelivery, TakeGoodsIn } from './inventory.local.ts';

let bench: InventoryBench;

beforeEach(async () => {
  bench = await new InventoryBench().start();
});

const mug = {
  sku: 'MUG',
  name: 'Stoneware mug',
  description: 'Holds 350 ml.',
  category: 'Home',
  imageUrl: '/images/mug.svg',
  price: { amount: 1_290, currency: 'EUR' },
  weightGrams: 380,
  taxClass: 'standard' as const,
};
const goods = (change: object = {}) =>
  TakeGoodsIn({ requestId: newId(), sku: 'MUG', quantity: 7, warehouse: 'MAIN', ...change });

describe('the catalogue', () => {
  it('tells all that a price needs when a product is created or changed, and nothing otherwise', async () => {
    const prices = [1_290, 1_290, 1_490];
    const answers: unknown[] = [];
    for (const amount of prices) {
      answers.push(
        await bench.submitted(ChangeProduct({ ...mug, price: { amount, currency: 'EUR' } })),
      );
    }

    expect(answers).toEqual([{ created: true }, { created: false }, { created: false }]);
    const { description: _, imageUrl: __, taxClass: ___, ...told } = mug;
    expect(bench.published()).toEqual([
      { type: 'inventory.product-changed', data: { ...told, version: 1 } },
      {
        type: 'inventory.product-changed',
        data: { ...told, price: { amount: 1_490, currency: 'EUR' }, version: 2 },
      },
    ]);
  });

  it('tells the tax class of a product, unless it is the standard one', async () => {
    for (const taxClass of ['reduced', 'zero', 'standard'] as const) {
      await bench.submitted(ChangeProduct({ ...mug, taxClass }));
    }
    const told = bench.published().map(({ data }) => (data as { taxClass?: string }).taxClass);

    expect(told).toEqual(['reduced', 'zero', undefined]);
    expect(bench.state(products, 'MUG')?.taxClass).toBe('standard');
  });

  it('refuses another currency and stores nothing', async () => {
    const dollars = ChangeProduct({ ...mug, price: { amount: 1, currency: 'USD' } });

    await expect(bench.submitted(dollars)).rejects.toMatchObject({
      code: 'wrong_currency',
      path: '/price/currency',
    });
    expect(bench.state(products, 'MUG')).toBeUndefined();
    expect(bench.store.inbox.size).toBe(0);
  });

  it('keeps what an operator changed when it is seeded again', async () => {
    await bench.seed('MUG', 5);
    await bench.submitted(ChangeProduct(mug));
    await bench.seed('MUG', 5);

    expect(bench.state(products, 'MUG')).toMatchObject({ name: 'Stoneware mug', revision: 2 });
    expect(bench.state(stock, 'MUG')).toMatchObject({ received: 5 });
  });
});

describe('goods that come in', () => {
  it('are available at once, and count once for each request', async () => {
    await bench.submitted(ChangeProduct(mug));
    bench.published();
    const requestId = newId();

    const first = await bench.submitted(goods({ requestId }));
    const again = await bench.submitted(goods({ requestId }));

    expect(first).toMatchObject({ requestId, quantity: 7, available: 7 });
    expect(again).toEqual(first);
    expect(bench.published()).toEqual([
      {
        type: 'inventory.product-restocked',
        data: { requestId, sku: 'MUG', quantity: 7, available: 7 },
      },
    ]);
    await expect(bench.submitted(goods({ requestId, quantity: 8 }))).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
  });

  it('are refused for a product that does not exist', async () => {
    await expect(bench.submitted(goods())).rejects.toMatchObject({ code: 'unknown_sku' });
    bench.command(RestockProduct({ requestId: newId(), sku: 'MUG', quantity: 1, warehouse: 'A' }));
    await bench.quiet();

    expect(bench.store.dead).toMatchObject([{ code: 'unknown_sku' }]);
  });
});

const announced = (lines: { sku: string; quantity: number }[]) =>
  OrderAnnounced({
    orderId: newId(),
    number: 'W-1',
    status: 'confirmed',
    reason: null,
    customer: { id: 'ada', name: 'Ada', email: 'ada@example.com' },
    lines,
    total: { amount: 100, currency: 'EUR' },
    shippingMethod: 'standard',
    country: 'DE',
    at: '2026-01-01T00:00:00.000Z',
  });

describe('replenishment', () => {
  it('counts the demand of confirmed orders, product by product', async () => {
    const lines = [
      { sku: 'MUG', quantity: 2 },
      { sku: 'KETTLE', quantity: 1 },
      { sku: 'MUG', quantity: 3 },
    ];
    bench.deliver(announced(lines), { group: 'inventory.replenishment' });
    bench.deliver(announced(lines), { group: 'inventory.replenishment' });
    await bench.quiet();

    expect(bench.state(replenishments, 'MUG')?.demand).toBe(10);
    expect(bench.state(replenishments, 'KETTLE')?.demand).toBe(2);
  });

  it('records a request for a person when a product is low', async () => {
    bench.deliver(StockLow({ sku: 'MUG', available: 3, threshold: 3 }), {
      group: 'inventory.restock',
    });
    await bench.quiet();

    const { requestId } = bench.state(replenishments, 'MUG') ?? {};
    expect(bench.state(replenishments, 'MUG')).toMatchObject({ status: 'requested', quantity: 6 });
    expect(bench.published()).toMatchObject([
      { type: 'inventory.restock-requested', data: { requestId, sku: 'MUG', quantity: 6 } },
    ]);
    expect(bench.state(supplierOrders, requestId ?? '')).toBeUndefined();
  });

  it('goes round by itself when it may: low, requested, ordered, delivered, restocked, idle', async () => {
    bench = await new InventoryBench({ autoRestock: true }).start();
    await bench.seed('MUG', 4, 3);
    bench.command(ReserveStock({ orderId: newId(), lines: [{ sku: 'MUG', quantity: 1 }] }));
    const handlers: Record<string, (data: never) => unknown> = {
      'inventory.stock-low': (data) =>
        bench.deliver(StockLow(data), { group: 'inventory.restock' }),
      'inventory.restock-requested': async (data: {
        requestId: string;
        sku: string;
        quantity: number;
      }) => {
        bench.deliver(RestockRequested(data), { group: 'inventory.supplier' });
        await bench.quiet();
        expect(bench.state(supplierOrders, data.requestId)).toMatchObject({ status: 'ordered' });
        const delivery = TakeDelivery({ ...data, supplier: 'granary' });
        expect(await bench.submitted(delivery)).toEqual({ fate: 'applied' });
        expect(await bench.submitted(delivery)).toEqual({ fate: 'known' });
      },
      'inventory.restock-product': (data) => bench.command(RestockProduct(data)),
      'inventory.product-restocked': (data) =>
        bench.deliver(ProductRestocked(data), { group: 'inventory.restock' }),
    };
    const seen: string[] = [];
    for (let hop = 0; hop < 6; hop += 1) {
      await bench.quiet();
      for (const { type, data } of bench.published()) {
        seen.push(type);
        await handlers[type]?.(data as never);
      }
    }

    expect(seen).toEqual([
      'inventory.stock-reserved',
      'inventory.stock-low',
      'inventory.restock-requested',
      'inventory.restock-product',
      'inventory.product-restocked',
    ]);
    expect(bench.state(replenishments, 'MUG')).toMatchObject({ status: 'idle', quantity: 6 });
    expect(bench.state(stock, 'MUG')).toMatchObject({ available: 9, reserved: 1 });
  });
});
