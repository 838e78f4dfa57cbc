import { InventoryError } from './inventory.errors.ts';

/** The stock in one warehouse, reserved or not. */
export interface WarehouseStock {
  readonly code: string;
  readonly onHand: number;
  /** The reserved part, if the product lies in several warehouses; in its only warehouse lies all that is reserved. */
  readonly reserved?: number;
}

/** Units that an order gets from one warehouse. */
export interface Share {
  readonly warehouse: string;
  readonly quantity: number;
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

/** The units of each warehouse that no order has reserved. */
export const freeIn = ({ warehouses, reserved }: Stock): ReadonlyMap<string, number> =>
  new Map(
    warehouses.map((each) => [
      each.code,
      Math.max(0, each.onHand - (warehouses.length === 1 ? reserved : (each.reserved ?? 0))),
    ]),
  );

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
    warehouses: putIn(eachReserved(stock, warehouse), warehouse, quantity),
  };
}

/** Reserves units for an order. Without `from`, the product lies in one warehouse. */
export const reserve = (stock: Stock, quantity: number, from?: readonly Share[]): Stock => ({
  ...moved(stock, { available: -quantity, reserved: quantity }),
  warehouses: from ? changed(stock.warehouses, from, { reserved: 1 }) : stock.warehouses,
});

/** Makes reserved units available again. */
export const release = (stock: Stock, quantity: number, from?: readonly Share[]): Stock => ({
  ...moved(stock, { available: quantity, reserved: -quantity }),
  warehouses: changed(stock.warehouses, from ?? reservedShares(stock, quantity), { reserved: -1 }),
});

/** Ships reserved units. */
export const sell = (stock: Stock, quantity: number, from?: readonly Share[]): Stock => ({
  ...moved(stock, { reserved: -quantity, sold: quantity }),
  warehouses: changed(stock.warehouses, from ?? reservedShares(stock, quantity), {
    reserved: -1,
    onHand: -1,
  }),
});

/** Puts sold units that never left on sale again, where they were, else in the fullest warehouse. */
export const restore = (stock: Stock, quantity: number, from?: readonly Share[]): Stock => ({
  ...moved(stock, { available: quantity, sold: -quantity }),
  warehouses: changed(stock.warehouses, from ?? inFullest(stock, quantity), { onHand: 1 }),
});

/** Puts units that were sold and came back on sale. They stay counted as sold, because another customer may buy them. */
export const takeBack = (stock: Stock, quantity: number): Stock => ({
  ...moved(stock, { available: quantity }),
  returned: stock.returned + quantity,
  warehouses: changed(stock.warehouses, inFullest(stock, quantity), { onHand: 1 }),
});

const inFullest = ({ warehouses }: Stock, quantity: number): Share[] => {
  const [fullest] = warehouses.toSorted((a, b) => b.onHand - a.onHand);
  return fullest ? [{ warehouse: fullest.code, quantity }] : [];
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
  return warehouses.some((each) => each.code === code)
    ? changed(warehouses, [{ warehouse: code, quantity }], { onHand: 1 })
    : [...warehouses, { code, onHand: quantity }];
}

/** With a second warehouse, what is reserved is recorded in the first, where it lies. */
function eachReserved({ warehouses, reserved }: Stock, next: string): readonly WarehouseStock[] {
  const [only, ...others] = warehouses;
  const isSecond = only && others.length === 0 && only.code !== next;
  return isSecond ? [{ ...only, reserved }] : warehouses;
}

/** Where units lie that were reserved without naming a warehouse: where units are reserved, and then in the fullest. */
function reservedShares({ warehouses }: Stock, quantity: number): readonly Share[] {
  const taken = new Map<string, number>();
  let open = quantity;
  const take = (code: string, most: number) => {
    const units = Math.min(most - (taken.get(code) ?? 0), open);
    if (units > 0) taken.set(code, (taken.get(code) ?? 0) + units);
    open -= Math.max(0, units);
  };
  for (const { code, onHand: here, reserved = 0 } of warehouses)
    take(code, Math.min(here, reserved));
  for (const { code, onHand: here } of warehouses.toSorted((a, b) => b.onHand - a.onHand)) {
    take(code, here);
  }
  return [...taken].map(([warehouse, units]) => ({ warehouse, quantity: units }));
}

/** The warehouses with units added or taken away. In the only warehouse of a product, what is reserved is not recorded. */
function changed(
  warehouses: readonly WarehouseStock[],
  shares: readonly Share[],
  by: { readonly onHand?: 1 | -1; readonly reserved?: 1 | -1 },
): readonly WarehouseStock[] {
  if (warehouses.length === 1 && by.onHand === undefined) return warehouses;
  return warehouses.map((each) => {
    const share = shares.find(({ warehouse }) => warehouse === each.code);
    if (!share) return each;
    const { onHand: here, reserved } = each;
    const next = { ...each, onHand: here + (by.onHand ?? 0) * share.quantity };
    if (warehouses.length === 1 || by.reserved === undefined) return next;
    return { ...next, reserved: Math.max(0, (reserved ?? 0) + by.reserved * share.quantity) };
  });
}
