import type { Line } from '@waybill/contracts';

/** How a product is kept in stock: what was sold since goods last came in, and the order for more of it. */
export interface Replenishment {
  readonly sku: string;
  readonly status: 'idle' | 'requested';
  /** Units of confirmed orders since goods last came in. */
  readonly demand: number;
  /** How many were asked for, and by which request. */
  readonly quantity: number | null;
  readonly requestId: string | null;
  readonly requestedAt: string | null;
  readonly restockedAt: string | null;
}

const largestRequest = 1_000_000;

const idle = (sku: string): Replenishment => ({
  sku,
  status: 'idle',
  demand: 0,
  quantity: null,
  requestId: null,
  requestedAt: null,
  restockedAt: null,
});

/** Counts what a confirmed order takes. */
export const countDemand = (
  found: Replenishment | undefined,
  { sku, quantity }: Line,
): Replenishment => {
  const before = found ?? idle(sku);
  return { ...before, demand: before.demand + quantity };
};

/** Asks for as much as was sold, at least twice the threshold; nothing while a request is open. */
export function requestMore(
  found: Replenishment | undefined,
  low: { readonly sku: string; readonly threshold: number },
  request: { readonly id: string; readonly now: Date },
): (Replenishment & { readonly quantity: number; readonly requestId: string }) | undefined {
  const before = found ?? idle(low.sku);
  if (before.status === 'requested') return undefined;
  return {
    ...before,
    status: 'requested',
    quantity: Math.min(largestRequest, Math.max(1, before.demand, 2 * low.threshold)),
    requestId: request.id,
    requestedAt: request.now.toISOString(),
  };
}

/** Goods came in: whoever sent them, nothing is asked for any more. */
export const goodsCameIn = (
  found: Replenishment | undefined,
  sku: string,
  now: Date,
): Replenishment => ({
  ...(found ?? idle(sku)),
  status: 'idle',
  demand: 0,
  restockedAt: now.toISOString(),
});
