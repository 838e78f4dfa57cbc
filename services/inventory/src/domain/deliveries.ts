import { type Delivery, isRefused, type RefusedLine } from './delivery-line.ts';
import { InventoryError } from './inventory.errors.ts';
import type { Movement } from './reservation.ts';
import { type Restock, takeIn } from './restock.ts';
import type { Stock } from './stock.ts';

/** A delivery with the id under which it is taken in once, whichever file it comes in. */
export type IdentifiedDelivery = Delivery & { readonly requestId: string };

/** What happened to a line; null fields say nothing. */
export interface LineOutcome {
  readonly line: number;
  readonly outcome: 'received' | 'already_received' | 'refused';
  readonly reference: string | null;
  readonly field: string | null;
  readonly rule: string | null;
}

/** What is known before the deliveries. */
export interface Known {
  isProduct(sku: string): boolean;
  restockOf(requestId: string): Restock | undefined;
  stockOf(sku: string): Stock;
}

/** All goods of one product, for those who wait for it. */
export interface Arrival {
  readonly requestId: string;
  readonly quantity: number;
}

/** What a part of a file changes. */
export interface TakenDeliveries {
  readonly outcomes: readonly LineOutcome[];
  readonly restocks: readonly Restock[];
  readonly movements: readonly Movement[];
  readonly stocks: ReadonlyMap<string, Stock>;
  readonly arrivals: ReadonlyMap<string, Arrival>;
}

/** Takes deliveries in, one after another. Each has an outcome, and one that is refused stops no other. */
export function takeDeliveriesIn(
  lines: readonly (IdentifiedDelivery | RefusedLine)[],
  known: Known,
  at: { readonly now: Date; readonly movementOf: (line: number) => string },
): TakenDeliveries {
  const restocks = new Map<string, Restock>();
  const stocks = new Map<string, Stock>();
  const arrivals = new Map<string, Arrival>();
  const movements: Movement[] = [];
  const take = (delivery: IdentifiedDelivery): LineOutcome => {
    const { line, reference, requestId, sku, quantity } = delivery;
    const told = { line, reference, field: null, rule: null };
    if (!known.isProduct(sku)) return refused(delivery, 'sku', 'is not a product of the catalogue');
    const found = restocks.get(requestId) ?? known.restockOf(requestId);
    const context = { now: at.now, reference: at.movementOf(line) };
    const done = takeIn(found, delivery, stocks.get(sku) ?? known.stockOf(sku), context);
    if (!done) return { ...told, outcome: 'already_received' };
    restocks.set(requestId, done.restock);
    stocks.set(sku, done.stock);
    movements.push(done.movement);
    arrivals.set(sku, { requestId, quantity: quantity + (arrivals.get(sku)?.quantity ?? 0) });
    return { ...told, outcome: 'received' };
  };
  const outcomes = lines.map((line) => {
    if (isRefused(line)) return { ...line, outcome: 'refused' as const };
    try {
      return take(line);
    } catch (error) {
      if (error instanceof InventoryError) return refused(line, 'quantity', error.message);
      throw error;
    }
  });
  return { outcomes, restocks: [...restocks.values()], movements, stocks, arrivals };
}

const refused = ({ line, reference }: Delivery, field: string, rule: string): LineOutcome => ({
  line,
  outcome: 'refused',
  reference,
  field,
  rule,
});
