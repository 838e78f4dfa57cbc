import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  fellLow,
  maxStock,
  noStock,
  onHand,
  receive,
  release,
  reserve,
  restore,
  type Stock,
  sell,
} from './stock.ts';

const tenLaptops = receive(noStock('LAPTOP-13', 2), 10, 'MAIN');

const addsUp = (stock: Stock): boolean =>
  stock.received + stock.returned === stock.available + stock.reserved + stock.sold &&
  stock.warehouses.reduce((sum, each) => sum + each.onHand, 0) === onHand(stock);

describe('stock', () => {
  it('takes goods in at their warehouse', () => {
    const stock = receive(receive(tenLaptops, 5, 'NORTH'), 1, 'MAIN');

    expect(stock).toMatchObject({ received: 16, available: 16 });
    expect(stock.warehouses).toEqual([
      { code: 'MAIN', onHand: 11 },
      { code: 'NORTH', onHand: 5 },
    ]);
  });

  it('sells from the fullest warehouse first', () => {
    const stock = sell(reserve(receive(tenLaptops, 4, 'NORTH'), 12), 12);

    expect(stock).toMatchObject({ available: 2, reserved: 0, sold: 12 });
    expect(stock.warehouses).toEqual([
      { code: 'MAIN', onHand: 0 },
      { code: 'NORTH', onHand: 2 },
    ]);
  });

  it('puts sold units back into the fullest warehouse', () => {
    const sold = sell(reserve(receive(tenLaptops, 4, 'NORTH'), 12), 12);

    expect(restore(sold, 3)).toMatchObject({ available: 5, reserved: 0, sold: 9, returned: 0 });
    expect(restore(sold, 3).warehouses).toEqual([
      { code: 'MAIN', onHand: 0 },
      { code: 'NORTH', onHand: 5 },
    ]);
    const all = sell(reserve(tenLaptops, 10), 10);
    expect(restore(all, 1).warehouses).toEqual([{ code: 'MAIN', onHand: 1 }]);
    expect(() => restore(tenLaptops, 1)).toThrow('-1 sold');
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
      move: fc.constantFrom('receive', 'reserve', 'release', 'sell', 'restore'),
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
          } else if (stock.reserved >= quantity) {
            stock = move === 'sell' ? sell(stock, quantity) : release(stock, quantity);
          }
          expect(addsUp(stock)).toBe(true);
        }
      }),
    );
  });
});
