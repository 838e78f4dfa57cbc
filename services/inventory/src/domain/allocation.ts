import type { Line } from '@waybill/contracts';
import type { Share, Stock } from './stock.ts';
import { freeIn } from './stock.ts';

/** A line with the warehouses it comes from; without `from` all lines come from the only warehouse of their products. */
export interface AllocatedLine extends Line {
  readonly from?: readonly Share[];
}

/** What leaves one warehouse for an order. */
export interface ParcelLines {
  readonly warehouse: string;
  readonly lines: readonly Line[];
}

/** With more warehouses than this, all of them are used, because there are too many sets of them to try. */
const mostTried = 10;

/** Picks warehouses so that the order has the fewest parcels; among equals, the fullest. The stocks must be sufficient. */
export function allocate(
  lines: readonly Line[],
  stocks: readonly Stock[],
): readonly AllocatedLine[] {
  const [only] = stocks[0]?.warehouses ?? [];
  if (
    stocks.every(({ warehouses: [first, ...more] }) => !more.length && first?.code === only?.code)
  )
    return lines;
  const free = stocks.map(freeIn);
  const sizes = new Map<string, number>();
  for (const [code, units] of free.flatMap((each) => [...each])) {
    sizes.set(code, (sizes.get(code) ?? 0) + units);
  }
  const fullestFirst = [...sizes].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const codes = fullestFirst.map(([code]) => code);
  const fits = (set: readonly string[]) =>
    lines.every(({ quantity }, i) => unitsIn(set, free[i]) >= quantity);
  const chosen = smallest(codes, fits);
  return lines.map((line, i) => ({ ...line, from: sharesOf(line.quantity, chosen, free[i]) }));
}

/** The parcels of an order, if its lines name warehouses. */
export function parcelsOf(lines: readonly AllocatedLine[]): readonly ParcelLines[] {
  const parcels = new Map<string, Line[]>();
  for (const { sku, from = [] } of lines) {
    for (const { warehouse, quantity } of from) {
      parcels.set(warehouse, [...(parcels.get(warehouse) ?? []), { sku, quantity }]);
    }
  }
  return [...parcels].map(([warehouse, parcelLines]) => ({ warehouse, lines: parcelLines }));
}

type Free = ReadonlyMap<string, number> | undefined;

const unitsIn = (set: readonly string[], free: Free): number =>
  set.reduce((sum, code) => sum + (free?.get(code) ?? 0), 0);

function smallest(
  codes: readonly string[],
  fits: (set: readonly string[]) => boolean,
): readonly string[] {
  if (codes.length > mostTried) return codes;
  for (let size = 1; size < codes.length; size += 1) {
    for (const set of setsOf(codes, size)) if (fits(set)) return set;
  }
  return codes;
}

function* setsOf(codes: readonly string[], size: number): Iterable<readonly string[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (const [i, code] of codes.entries()) {
    for (const rest of setsOf(codes.slice(i + 1), size - 1)) yield [code, ...rest];
  }
}

/** From one warehouse if it has enough, else from as few as possible. */
function sharesOf(quantity: number, chosen: readonly string[], free: Free): readonly Share[] {
  const units = (code: string) => free?.get(code) ?? 0;
  const enough = chosen.find((code) => units(code) >= quantity);
  if (enough !== undefined) return [{ warehouse: enough, quantity }];
  const shares: Share[] = [];
  let open = quantity;
  for (const warehouse of chosen.toSorted((a, b) => units(b) - units(a))) {
    const taken = Math.min(units(warehouse), open);
    if (taken > 0) shares.push({ warehouse, quantity: taken });
    open -= taken;
  }
  return shares;
}
