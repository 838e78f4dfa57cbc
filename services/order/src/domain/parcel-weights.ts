import type { Line } from '@waybill/contracts';

/** The lines of an order and what they weigh. */
export interface Weighed {
  readonly lines: readonly Line[];
  readonly weightGrams: number;
  /** What one unit of each line weighs; absent if the order has one line. */
  readonly unitWeights?: readonly number[] | undefined;
  /** What leaves each warehouse, if there are several. */
  readonly parcels?: readonly ParcelLines[] | undefined;
}

/** What leaves one warehouse. */
export interface ParcelLines {
  readonly warehouse: string;
  readonly lines: readonly Line[];
}

/** What each parcel of an order weighs, if there are several. */
export function parcelWeights(order: Weighed) {
  const weigh = ({ warehouse, lines }: ParcelLines) => ({
    warehouse,
    weightGrams: weightOf(lines, order),
  });
  return order.parcels ? { parcels: order.parcels.map(weigh) } : {};
}

/** Without weights of the lines, all units of the order weigh the same. */
function weightOf(lines: readonly Line[], { unitWeights, ...order }: Weighed): number {
  const average = order.weightGrams / sumOf(order.lines);
  const weights = new Map(order.lines.map(({ sku }, i) => [sku, unitWeights?.[i]]));
  const grams = lines.map(({ sku, quantity }) => quantity * (weights.get(sku) ?? average));
  return Math.ceil(grams.reduce((sum, each) => sum + each, 0));
}

const sumOf = (lines: readonly Line[]): number =>
  lines.reduce((sum, { quantity }) => sum + quantity, 0);
