import type { Line } from '@waybill/contracts';
import { type AllocatedLine, allocate, type ParcelLines, parcelsOf } from './allocation.ts';
import { InventoryError } from './inventory.errors.ts';
import type { Stock } from './stock.ts';
import * as stocks from './stock.ts';

/** `rejected`: stock was short. `undone`: released before it was ever reserved. `restored`: sold, and put back on sale. */
export type ReservationStatus =
  | 'reserved'
  | 'rejected'
  | 'released'
  | 'committed'
  | 'restored'
  | 'undone';

/** The stock that an order has reserved. One per order, kept for good, because it makes repeated commands harmless. */
export interface Reservation {
  readonly orderId: string;
  readonly lines: readonly AllocatedLine[];
  readonly status: ReservationStatus;
  /** The products that were short, if it was rejected. */
  readonly short: readonly string[];
  /** When inventory received the first command of the order. */
  readonly reservedAt: string;
  /** When to check with the order whether it still needs the stock; null once the reservation is settled. */
  readonly reviewAt: string | null;
  readonly reviews: number;
}

/** One change of one product's stock. */
export interface Movement {
  readonly sku: string;
  readonly kind: 'received' | 'reserved' | 'released' | 'sold' | 'restored' | 'returned';
  readonly quantity: number;
  /** The order, the return or the delivery of goods. */
  readonly reference: string;
  readonly warehouse: string | null;
  readonly at: string;
}

export type ReservationAnswer =
  | { readonly is: 'released' | 'committed' | 'restored' }
  /** Without `parcels` everything comes from one warehouse. */
  | { readonly is: 'reserved'; readonly parcels?: readonly ParcelLines[] }
  | {
      readonly is: 'rejected';
      readonly reason: 'out_of_stock' | 'undone';
      readonly skus: readonly string[];
    };

/** The result of a command. Without `reservation` nothing changes: the same reply is sent again. */
export interface ReservationOutcome {
  readonly answer: ReservationAnswer;
  readonly reservation?: Reservation;
  readonly stocks: readonly Stock[];
  readonly movements: readonly Movement[];
  /** Stock that fell to its threshold or below. */
  readonly low: readonly Stock[];
}

export interface OrderLines {
  readonly orderId: string;
  readonly lines: readonly Line[];
}

export type StockOf = (sku: string) => Stock | undefined;

/** Reserves all lines or none; changes nothing after an undo. */
export function reserveLines(
  found: Reservation | undefined,
  command: OrderLines,
  stockOf: StockOf,
  at: { readonly now: Date; readonly reviewAfter: number },
): ReservationOutcome {
  switch (found?.status) {
    case undefined:
      return reserveNew(command, stockOf, at);
    case 'reserved':
    case 'committed':
    case 'restored':
      return unchanged(reservedAnswer(found.lines));
    case 'rejected':
      return unchanged({ is: 'rejected', reason: 'out_of_stock', skus: found.short });
    case 'released':
    case 'undone':
      return unchanged({ is: 'rejected', reason: 'undone', skus: [] });
  }
}

/** Makes the lines available again; a reservation that never existed is stored as undone. */
export function releaseLines(
  found: Reservation | undefined,
  command: OrderLines,
  stockOf: StockOf,
  now: Date,
): ReservationOutcome {
  switch (found?.status) {
    case undefined:
      return {
        ...unchanged({ is: 'released' }),
        reservation: begun(command, 'undone', now, { reviewAt: null, short: [] }),
      };
    case 'reserved':
      return settle(found, 'released', stockOf, now);
    case 'released':
    case 'undone':
    case 'rejected':
    case 'restored':
      return unchanged({ is: 'released' });
    case 'committed':
      throw new InventoryError(
        'already_committed',
        `the lines of order ${found.orderId} are sold and cannot be released`,
      );
  }
}

/** Counts the lines as sold. They are already reserved, so stock can never be short. */
export function commitLines(
  found: Reservation | undefined,
  command: OrderLines,
  stockOf: StockOf,
  now: Date,
): ReservationOutcome {
  if (found?.status === 'reserved') return settle(found, 'committed', stockOf, now);
  if (found?.status === 'committed' || found?.status === 'restored') {
    return unchanged({ is: 'committed' });
  }
  throw new InventoryError(
    'reservation_gone',
    `the reservation of order ${command.orderId} is ${found?.status ?? 'unknown'} and cannot be committed`,
  );
}

/** Puts sold lines that never left the warehouse on sale again. */
export function restoreLines(
  found: Reservation | undefined,
  command: OrderLines,
  stockOf: StockOf,
  now: Date,
): ReservationOutcome {
  if (found?.status === 'committed') return settle(found, 'restored', stockOf, now);
  if (found?.status === 'restored') return unchanged({ is: 'restored' });
  throw new InventoryError(
    'not_sold',
    `the reservation of order ${command.orderId} is ${found?.status ?? 'unknown'}: nothing of it was sold`,
  );
}

function reservedAnswer(lines: readonly AllocatedLine[]): ReservationAnswer {
  const parcels = parcelsOf(lines);
  return parcels.length > 1 ? { is: 'reserved', parcels } : { is: 'reserved' };
}

const firstRepeat = 60_000;
const longestRepeat = 3_600_000;

/** The reservation with its next review time if a review is due; undefined if it is settled or not due yet. */
export function reviewOverdue(found: Reservation | undefined, now: Date): Reservation | undefined {
  if (found?.status !== 'reserved' || found.reviewAt === null) return undefined;
  if (Date.parse(found.reviewAt) > now.getTime()) return undefined;
  const wait = Math.min(firstRepeat * 2 ** found.reviews, longestRepeat);
  return {
    ...found,
    reviews: found.reviews + 1,
    reviewAt: new Date(now.getTime() + wait).toISOString(),
  };
}

function reserveNew(
  command: OrderLines,
  stockOf: StockOf,
  { now, reviewAfter }: { readonly now: Date; readonly reviewAfter: number },
): ReservationOutcome {
  const lines = bySku(command.lines);
  const short = lines
    .filter(({ sku, quantity }) => (stockOf(sku)?.available ?? 0) < quantity)
    .map(({ sku }) => sku);
  if (short.length > 0) {
    return {
      ...unchanged({ is: 'rejected', reason: 'out_of_stock', skus: short }),
      reservation: begun({ ...command, lines }, 'rejected', now, { reviewAt: null, short }),
    };
  }
  const reviewAt = new Date(now.getTime() + reviewAfter).toISOString();
  const before = lines.map(({ sku }) => needed(stockOf, sku));
  const allocated = allocate(lines, before);
  const changes = before.map((each, i) => {
    const { quantity = 0, from } = allocated[i] ?? {};
    return { before: each, after: stocks.reserve(each, quantity, from) };
  });
  const reserved = { orderId: command.orderId, lines: allocated };
  return {
    answer: reservedAnswer(allocated),
    reservation: begun(reserved, 'reserved', now, { reviewAt, short: [] }),
    stocks: changes.map(({ after }) => after),
    movements: movementsOf(command.orderId, lines, 'reserved', now),
    low: changes
      .filter(({ before, after }) => stocks.fellLow(before, after))
      .map(({ after }) => after),
  };
}

/** What happens to the stock when a reservation gets one of these states. */
const settling = {
  released: { move: stocks.release, kind: 'released' },
  committed: { move: stocks.sell, kind: 'sold' },
  restored: { move: stocks.restore, kind: 'restored' },
} as const;

function settle(
  found: Reservation,
  status: keyof typeof settling,
  stockOf: StockOf,
  now: Date,
): ReservationOutcome {
  const { move, kind } = settling[status];
  return {
    answer: { is: status },
    reservation: { ...found, status, reviewAt: null },
    stocks: found.lines.map(({ sku, quantity, from }) =>
      move(needed(stockOf, sku), quantity, from),
    ),
    movements: movementsOf(found.orderId, found.lines, kind, now),
    low: [],
  };
}

const unchanged = (answer: ReservationAnswer): ReservationOutcome => ({
  answer,
  stocks: [],
  movements: [],
  low: [],
});

const begun = (
  { orderId, lines }: OrderLines,
  status: ReservationStatus,
  now: Date,
  rest: Pick<Reservation, 'reviewAt' | 'short'>,
): Reservation => ({ orderId, lines, status, reservedAt: now.toISOString(), reviews: 0, ...rest });

const movementsOf = (
  orderId: string,
  lines: readonly Line[],
  kind: Movement['kind'],
  now: Date,
): readonly Movement[] =>
  lines.map(({ sku, quantity }) => ({
    sku,
    kind,
    quantity,
    reference: orderId,
    warehouse: null,
    at: now.toISOString(),
  }));

/** A command with other products than the reservation would leave their rows unloaded. */
function needed(stockOf: StockOf, sku: string): Stock {
  const stock = stockOf(sku);
  if (stock) return stock;
  throw new InventoryError(
    'lines_differ',
    `product ${sku} of the reservation is not in the command`,
  );
}

/** One line per product: several lines of one product are added up. */
function bySku(lines: readonly Line[]): readonly Line[] {
  const quantities = new Map<string, number>();
  for (const { sku, quantity } of lines) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity);
  return [...quantities].map(([sku, quantity]) => ({ sku, quantity }));
}
