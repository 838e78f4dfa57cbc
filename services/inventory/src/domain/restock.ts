import { InventoryError } from './inventory.errors.ts';
import type { Movement } from './reservation.ts';
import { receive, type Stock } from './stock.ts';

/** Goods that arrived, once per request. */
export interface Restock {
  readonly requestId: string;
  readonly sku: string;
  readonly quantity: number;
  readonly warehouse: string;
  /** The available units right after the restock. */
  readonly available: number;
  readonly at: string;
}

export interface RestockCommand {
  readonly requestId: string;
  readonly sku: string;
  readonly quantity: number;
  readonly warehouse: string;
}

export interface RestockOutcome {
  readonly restock: Restock;
  readonly stock: Stock;
  readonly movement: Movement;
}

/** Records goods that arrived. A repeated request changes nothing, and must have the same content. */
export function takeIn(
  found: Restock | undefined,
  command: RestockCommand,
  stock: Stock,
  context: { readonly now: Date; readonly reference: string },
): RestockOutcome | undefined {
  const { requestId, sku, quantity, warehouse } = command;
  if (found) {
    if (found.sku === sku && found.quantity === quantity && found.warehouse === warehouse) {
      return undefined;
    }
    throw new InventoryError(
      'idempotency_key_reused',
      `restock ${requestId} was for ${found.quantity} units of ${found.sku} at ${found.warehouse}`,
    );
  }
  const at = context.now.toISOString();
  const next = receive(stock, quantity, warehouse);
  return {
    restock: { requestId, sku, quantity, warehouse, available: next.available, at },
    stock: next,
    movement: { sku, kind: 'received', quantity, reference: context.reference, warehouse, at },
  };
}
