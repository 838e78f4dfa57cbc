import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  fellLow,
  freeIn,
  maxStock,
  noStock,
  onHand,
  receive,
  release,
  reserve,
  restore,
  type Stock,
  sell,
  takeBack,
} from './stock.ts';

const tenLaptops = receive(noStock('LAPTOP-13', 2), 10, 'MAIN');

const addsUp = (stock: Stock): boolean =>
  stock.received + stock.returned === stock.available + stock.reserved + stock.sold &&
  stock.warehouses.reduce((sum, each) => sum + each.onHand, 0) === onHand(stock);

describe('stock', () => {
  it('takes goods in at their warehouse', () => {
    const stock = receive(receive(tenLaptops, 5, 'NORTH'), 1, 'MAIN');

    expect(stock).toMatchObject({ received: 16, available: 16 });
    expect(stock.warehouses).toMatchObject([
      { code: 'MAIN', onHand: 11 },
      { code: 'NORTH', onHand: 5 },
    ]);
  });

  const twelve = [
    { warehouse: 'MAIN', quantity: 9 },
    { warehouse: 'NORTH', quantity: 3 },
  ];

  it('is reserved, sold and put back where it lies', () => {
    const reserved = reserve(receive(tenLaptops, 4, 'NORTH'), 12, twelve);
    expect([...freeIn(reserved)]).toEqual([
      ['MAIN', 1],
      ['NORTH', 1],
    ]);
    const sold = sell(reserved, 12, twelve);
    expect(sold).toMatchObject({ available: 2, reserved: 0, sold: 12 });
    expect(sold.warehouses).toMatchObject([
      { code: 'MAIN', onHand: 1, reserved: 0 },
      { code: 'NORTH', onHand: 1, reserved: 0 },
    ]);
    const back = restore(sold, 12, twelve);
    expect(back).toMatchObject({ available: 14, sold: 0, returned: 0 });
    expect([...freeIn(back).values()]).toEqual([10, 4]);
    expect([...freeIn(release(reserved, 12, twelve)).values()]).toEqual([10, 4]);
  });

  it('reserves in the only warehouse without a change of it', () => {
    const from = [{ warehouse: 'MAIN', quantity: 3 }];
    const reserved = reserve(tenLaptops, 3, from);
    expect(reserved.warehouses).toBe(tenLaptops.warehouses);
    expect(release(reserved, 3, from).warehouses).toBe(tenLaptops.warehouses);
    expect([...freeIn(reserved)]).toEqual([['MAIN', 7]]);
  });

  it('keeps what was reserved in the only warehouse there when goods arrive in another', () => {
    const two = receive(reserve(tenLaptops, 8), 20, 'NORTH');
    expect([...freeIn(two).values()]).toEqual([2, 20]);
    expect(sell(two, 8).warehouses).toEqual([
      { code: 'MAIN', onHand: 2, reserved: 0 },
      { code: 'NORTH', onHand: 20 },
    ]);
  });

  it('puts sold units of unknown origin back into the fullest warehouse', () => {
    const sold = sell(reserve(receive(tenLaptops, 4, 'NORTH'), 12, twelve), 12, twelve);

    expect(restore(receive(sold, 1, 'NORTH'), 3).warehouses).toMatchObject([
      { code: 'MAIN', onHand: 1 },
      { code: 'NORTH', onHand: 5 },
    ]);
    expect(() => restore(tenLaptops, 1)).toThrow('-1 sold');
    const all = sell(reserve(tenLaptops, 10), 10);
    expect(restore(all, 1).warehouses).toEqual([{ code: 'MAIN', onHand: 1 }]);
  });

  it('never reserves what is not available', () => {
    expect(() => reserve(tenLaptops, 11)).toThrow('would have -1 available');
  });

  it('never releases or sells what is not reserved', () => {
    expect(() => release(tenLaptops, 1)).toThrow('-1 reserved');
    expect(() => sell(tenLaptops, 1)).toThrow('-1 reserved');
  });

  it('refuses to count more units than it can', () => {
    expect(() => receive(tenLaptops, maxStock, 'MAIN')).toThrow('pass the limit');
  });

  it('is low only at the step that takes it to its threshold', () => {
    const above = reserve(tenLaptops, 7);
    const low = reserve(above, 1);

    expect(fellLow(tenLaptops, above)).toBe(false);
    expect(fellLow(above, low)).toBe(true);
    expect(fellLow(low, reserve(low, 1))).toBe(false);
    expect(fellLow(tenLaptops, reserve(tenLaptops, 10))).toBe(true);
  });

  it('adds up whatever happens to it', () => {
    const step = fc.record({
      move: fc.constantFrom('receive', 'reserve', 'release', 'sell', 'restore', 'take back'),
      quantity: fc.integer({ min: 1, max: 9 }),
      warehouse: fc.constantFrom('MAIN', 'NORTH', 'SOUTH'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let stock = noStock('MUG', 3);
        for (const { move, quantity, warehouse } of steps) {
          if (move === 'receive') stock = receive(stock, quantity, warehouse);
          else if (move === 'reserve') {
            if (stock.available >= quantity) stock = reserve(stock, quantity);
          } else if (move === 'restore') {
            if (stock.sold >= quantity) stock = restore(stock, quantity);
          } else if (move === 'take back') {
            if (stock.sold >= stock.returned + quantity) stock = takeBack(stock, quantity);
          } else if (stock.reserved >= quantity) {
            stock = move === 'sell' ? sell(stock, quantity) : release(stock, quantity);
          }
          expect(addsUp(stock)).toBe(true);
        }
      }),
    );
  });
});
