import type { Line } from '@waybill/contracts';

/** The replenishment of a product: units sold since the last restock, and the open request for more. */
export interface Replenishment {
  readonly sku: string;
  readonly status: 'idle' | 'requested';
  /** Units of confirmed orders since the last restock. */
  readonly demand: number;
  /** How many units were requested, and by which request. */
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

/** Adds the units of a confirmed order. */
export const countDemand = (
  found: Replenishment | undefined,
  { sku, quantity }: Line,
): Replenishment => {
  const before = found ?? idle(sku);
  return { ...before, demand: before.demand + quantity };
};

/** Requests as many units as were sold, at least twice the threshold; undefined while a request is open. */
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

/** Goods arrived: closes the request, whoever sent them. */
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
