import type { Line } from '@waybill/contracts';
import { InventoryError } from './inventory.errors.ts';
import type { Movement, Reservation, StockOf } from './reservation.ts';
import { type Stock, takeBack } from './stock.ts';

/** The sellable goods of a return. One row per return, kept for good, because it makes repeated commands harmless. */
export interface ReturnedGoods {
  readonly returnId: string;
  readonly orderId: string;
  readonly lines: readonly Line[];
  readonly at: string;
}

/** The result of a command; empty if the return was restocked before. */
export interface ReturnOutcome {
  readonly goods?: ReturnedGoods;
  readonly stocks: readonly Stock[];
  readonly movements: readonly Movement[];
}

/** Puts goods that customers sent back on sale. They stay counted as sold. */
export function restockReturn(
  found: ReturnedGoods | undefined,
  { orderId, returnId, lines }: Omit<ReturnedGoods, 'at'>,
  { reservation, stockOf }: { reservation: Reservation | undefined; stockOf: StockOf },
  now: Date,
): ReturnOutcome {
  if (found) return { stocks: [], movements: [] };
  const at = now.toISOString();
  return {
    goods: { orderId, returnId, lines, at },
    stocks: lines.map(({ sku, quantity }) => {
      const stock = stockOf(sku);
      const sold = reservation?.lines.find((line) => line.sku === sku)?.quantity ?? 0;
      if (!stock || reservation?.status !== 'committed' || quantity > sold) {
        throw new InventoryError('not_sold', `order ${orderId} did not sell ${quantity} of ${sku}`);
      }
      return takeBack(stock, quantity);
    }),
    movements: lines.map(({ sku, quantity }) => ({
      sku,
      kind: 'returned',
      quantity,
      reference: returnId,
      warehouse: null,
      at,
    })),
  };
}
