import { describe, expect, it } from '@jest/globals';
import { checkPrecondition, type Precondition } from './precondition.ts';
import { changeProduct, createProduct, isOnSale, withdrawProduct } from './product.ts';
import { countDemand, goodsCameIn, requestMore } from './replenishment.ts';
import { takeIn } from './restock.ts';
import { noStock } from './stock.ts';

const now = new Date('2026-05-01T10:00:00.000Z');
const mug = {
  sku: 'MUG',
  name: 'Stoneware mug',
  description: 'Holds 350 ml.',
  category: 'Home',
  imageUrl: '/images/mug.svg',
  priceAmount: 1_290,
  currency: 'EUR',
  weightGrams: 380,
  taxClass: 'standard' as const,
};

describe('a product', () => {
  it('gets a new revision with every change that changes something', () => {
    const first = createProduct(mug, now);
    expect(first.revision).toBe(1);
    expect(changeProduct(undefined, mug, now)).toEqual(first);
    expect(changeProduct(first, mug, now)).toBeUndefined();
    expect(changeProduct(first, { ...mug, priceAmount: 1_390 }, now)).toMatchObject({
      revision: 2,
      priceAmount: 1_390,
    });
  });

  it('that was withdrawn is on sale again with the same details, as a new revision', () => {
    const withdrawn = withdrawProduct(createProduct(mug, now), now);
    expect([isOnSale(withdrawn), withdrawn.revision]).toEqual([false, 2]);
    expect(changeProduct(withdrawn, mug, now)).toMatchObject({ revision: 3, withdrawnAt: null });
  });

  it.each([
    ['nothing', undefined, ['absent']],
    ['a withdrawn one', withdrawProduct(createProduct(mug, now), now), ['absent']],
    ['revision 1', createProduct(mug, now), ['present', 'of revision 1']],
    ['revision 2', { ...createProduct(mug, now), revision: 2 }, ['present']],
  ] as const)('is as expected, or the change is refused: %s', (_, found, met) => {
    const expectations: Record<string, Precondition> = {
      absent: { is: 'absent' },
      present: { is: 'present' },
      'of revision 1': { is: 'revision', among: [1, 7] },
    };
    for (const [name, expected] of Object.entries(expectations)) {
      const check = () => checkPrecondition('MUG', found, expected);
      if ((met as readonly string[]).includes(name)) expect(check).not.toThrow();
      else expect(check).toThrow(/^product MUG is (not there|at revision \d)$/);
    }
  });
});

describe('goods that come in', () => {
  const command = {
    requestId: '019a0000-0000-7000-8000-000000000009',
    sku: 'MUG',
    quantity: 12,
    warehouse: 'MAIN',
  };
  const context = { now, reference: '019a0000-0000-7000-8000-00000000000a' };

  it('count once for each request', () => {
    const done = takeIn(undefined, command, noStock('MUG', 2), context);

    expect(done?.stock).toMatchObject({ received: 12, available: 12 });
    expect(done?.movement).toMatchObject({ kind: 'received', quantity: 12, warehouse: 'MAIN' });
    expect(takeIn(done?.restock, command, noStock('MUG', 2), context)).toBeUndefined();
  });

  it('are refused when the request was for something else', () => {
    const done = takeIn(undefined, command, noStock('MUG', 2), context);

    expect(() =>
      takeIn(done?.restock, { ...command, quantity: 13 }, noStock('MUG', 2), context),
    ).toThrow('was for 12 units of MUG at MAIN');
  });
});

describe('replenishment', () => {
  const low = { sku: 'MUG', threshold: 10 };
  const request = { id: '019a0000-0000-7000-8000-00000000000b', now };

  it('asks for twice the threshold when little was sold', () => {
    expect(requestMore(undefined, low, request)).toMatchObject({
      status: 'requested',
      quantity: 20,
      requestId: request.id,
    });
  });

  it('asks for what was sold when that is more', () => {
    const sold = countDemand(countDemand(undefined, { sku: 'MUG', quantity: 30 }), {
      sku: 'MUG',
      quantity: 5,
    });

    expect(requestMore(sold, low, request)).toMatchObject({ quantity: 35 });
  });

  it('asks once until goods come in', () => {
    const open = requestMore(undefined, low, request);
    expect(requestMore(open, low, request)).toBeUndefined();

    const after = goodsCameIn(open, 'MUG', now);
    expect(after).toMatchObject({ status: 'idle', demand: 0, restockedAt: now.toISOString() });
    expect(requestMore(after, low, request)).toMatchObject({ status: 'requested' });
  });
});
