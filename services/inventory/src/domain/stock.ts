import { InventoryError } from './inventory.errors.ts';

/** The stock in one warehouse, reserved or not. */
export interface WarehouseStock {
  readonly code: string;
  readonly onHand: number;
}

/** The stock of one product: received + returned = available + reserved + sold, and no part is negative. */
export interface Stock {
  readonly sku: string;
  readonly received: number;
  readonly returned: number;
  readonly available: number;
  readonly reserved: number;
  readonly sold: number;
  /** At or below this number the product is low. */
  readonly threshold: number;
  /** Their sum is available + reserved. */
  readonly warehouses: readonly WarehouseStock[];
}

/** The largest number of units of one product. */
export const maxStock = 1_000_000_000;

/** A product that never had stock. */
export const noStock = (sku: string, threshold: number): Stock => ({
  sku,
  received: 0,
  returned: 0,
  available: 0,
  reserved: 0,
  sold: 0,
  threshold,
  warehouses: [],
});

export const onHand = (stock: Stock): number => stock.available + stock.reserved;

/** Adds goods that arrive at a warehouse. */
export function receive(stock: Stock, quantity: number, warehouse: string): Stock {
  if (stock.received + quantity > maxStock) {
    throw new InventoryError(
      'stock_full',
      `product ${stock.sku} has received ${stock.received} units; ${quantity} more pass the limit of ${maxStock}`,
    );
  }
  return {
    ...stock,
    received: stock.received + quantity,
    available: stock.available + quantity,
    warehouses: putIn(stock.warehouses, warehouse, quantity),
  };
}

/** Reserves units for an order. */
export const reserve = (stock: Stock, quantity: number): Stock =>
  moved(stock, { available: -quantity, reserved: quantity });

/** Makes reserved units available again. */
export const release = (stock: Stock, quantity: number): Stock =>
  moved(stock, { available: quantity, reserved: -quantity });

/** Ships reserved units, from the fullest warehouse first. */
export const sell = (stock: Stock, quantity: number): Stock => ({
  ...moved(stock, { reserved: -quantity, sold: quantity }),
  warehouses: takeOut(stock.warehouses, quantity),
});

/** Puts sold units that never left on sale again, in the fullest warehouse, from which units are sold first. */
export const restore = (stock: Stock, quantity: number): Stock => {
  const [first, ...others] = stock.warehouses;
  const fullest = others.reduce(
    (best, each) => (each.onHand > (best?.onHand ?? 0) ? each : best),
    first,
  );
  return {
    ...moved(stock, { available: quantity, sold: -quantity }),
    warehouses: fullest ? putIn(stock.warehouses, fullest.code, quantity) : [],
  };
};

/** True if the change moved the available units from above the threshold to or below it. */
export const fellLow = (before: Stock, after: Stock): boolean =>
  before.available > before.threshold && after.available <= after.threshold;

type Parts = Pick<Stock, 'available' | 'reserved' | 'sold'>;

function moved(stock: Stock, by: Partial<Parts>): Stock {
  const next = {
    ...stock,
    available: stock.available + (by.available ?? 0),
    reserved: stock.reserved + (by.reserved ?? 0),
    sold: stock.sold + (by.sold ?? 0),
  };
  if (next.available < 0 || next.reserved < 0 || next.sold < 0) {
    throw new InventoryError(
      'stock_broken',
      `product ${stock.sku} would have ${next.available} available, ${next.reserved} reserved and ${next.sold} sold`,
    );
  }
  return next;
}

function putIn(
  warehouses: readonly WarehouseStock[],
  code: string,
  quantity: number,
): readonly WarehouseStock[] {
  if (!warehouses.some((each) => each.code === code)) {
    return [...warehouses, { code, onHand: quantity }];
  }
  return warehouses.map((each) =>
    each.code === code ? { code, onHand: each.onHand + quantity } : each,
  );
}

function takeOut(
  warehouses: readonly WarehouseStock[],
  quantity: number,
): readonly WarehouseStock[] {
  let open = quantity;
  const left = new Map<string, number>();
  for (const { code, onHand: here } of [...warehouses].sort((a, b) => b.onHand - a.onHand)) {
    const taken = Math.min(here, open);
    left.set(code, here - taken);
    open -= taken;
  }
  return warehouses.map(({ code }) => ({ code, onHand: left.get(code) ?? 0 }));
}
