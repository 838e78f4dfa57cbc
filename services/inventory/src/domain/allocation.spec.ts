import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AllocatedLine, allocate, parcelsOf } from './allocation.ts';
import { freeIn, noStock, receive, reserve, type Stock, sell } from './stock.ts';

/** The stock of a product by warehouse. */
const lying = (sku: string, units: Readonly<Record<string, number>>): Stock =>
  Object.entries(units).reduce(
    (stock, [code, quantity]) => receive(stock, quantity, code),
    noStock(sku, 1),
  );

const order = (quantities: readonly number[], ...stocks: readonly Stock[]) => {
  const lines = stocks.map(({ sku }, i) => ({ sku, quantity: quantities[i] ?? 1 }));
  return allocate(lines, stocks);
};
const warehousesOf = (lines: readonly AllocatedLine[]) =>
  parcelsOf(lines).map(({ warehouse }) => warehouse);

describe('the warehouses of an order', () => {
  it('are not named when all its products lie in the same one', () => {
    const lines = order([1, 2], lying('MUG', { MAIN: 5 }), lying('LAMP', { MAIN: 2 }));
    expect(lines).toEqual([
      { sku: 'MUG', quantity: 1 },
      { sku: 'LAMP', quantity: 2 },
    ]);
  });

  it('are those of its products when each lies in one', () => {
    const lines = order([1, 2], lying('MUG', { MAIN: 5 }), lying('LAMP', { NORTH: 2 }));
    expect(parcelsOf(lines)).toEqual([
      { warehouse: 'MAIN', lines: [{ sku: 'MUG', quantity: 1 }] },
      { warehouse: 'NORTH', lines: [{ sku: 'LAMP', quantity: 2 }] },
    ]);
  });

  it('are as few as possible, even if another has more of a product', () => {
    const mug = lying('MUG', { MAIN: 900, NORTH: 5 });
    expect(warehousesOf(order([1, 1], mug, lying('LAMP', { NORTH: 2 })))).toEqual(['NORTH']);
    const [a, b] = [lying('A', { W1: 9, W2: 1 }), lying('B', { W1: 9, W3: 1 })];
    expect(warehousesOf(order([1, 1, 1], a, b, lying('C', { W2: 1, W3: 1 })))).toHaveLength(2);
  });

  it('are the fullest among equals', () => {
    expect(warehousesOf(order([2], lying('MUG', { MAIN: 4, NORTH: 9 })))).toEqual(['NORTH']);
  });

  it('share a line that none of them can fill', () => {
    const [line] = order([12], lying('MUG', { MAIN: 4, NORTH: 9 }));
    expect(line?.from).toEqual([
      { warehouse: 'NORTH', quantity: 9 },
      { warehouse: 'MAIN', quantity: 3 },
    ]);
  });

  it('have the units: no reservation holds more in a warehouse than lies there', () => {
    const wants = fc.array(
      fc.record({ quantity: fc.integer({ min: 1, max: 12 }), isSold: fc.boolean() }),
      { maxLength: 12 },
    );
    const units = fc.record({
      MAIN: fc.integer({ min: 1, max: 20 }),
      NORTH: fc.integer({ min: 1, max: 20 }),
      SOUTH: fc.integer({ min: 1, max: 20 }),
    });
    fc.assert(
      fc.property(units, wants, (start, orders) => {
        let stock = lying('MUG', start);
        for (const { quantity, isSold } of orders) {
          if (stock.available < quantity) continue;
          const [line] = order([quantity], stock);
          const sum = line?.from?.reduce((all, each) => all + each.quantity, 0);
          expect(sum).toBe(quantity);
          stock = reserve(stock, quantity, line?.from);
          if (isSold) stock = sell(stock, quantity, line?.from);
          const free = [...freeIn(stock).values()].reduce((all, each) => all + each, 0);
          expect(free).toBe(stock.available);
          for (const { onHand, reserved = 0 } of stock.warehouses) {
            expect(onHand).toBeGreaterThanOrEqual(reserved);
          }
        }
      }),
    );
  });
});
