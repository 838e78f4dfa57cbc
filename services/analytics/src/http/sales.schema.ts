import { country, instant, money, text } from '@waybill/contracts';
import { paging, wholeNumber } from '@waybill/http';
import { z } from 'zod';
import { periodQuery } from './period.ts';

const count = z.int().min(0);
const period = { from: instant, to: instant };
const earned = { orders: count, revenue: money, averageOrderValue: money.nullable() };

export const revenueQuery = z.strictObject({
  window: z.enum(['1m', '1h', '1d']).default('1h'),
  ...periodQuery,
});
export type RevenueQuery = z.output<typeof revenueQuery>;

export const revenueView = z
  .object({
    window: z.enum(['1m', '1h', '1d']),
    ...period,
    ...earned,
    items: z.array(z.object({ ...period, ...earned })),
    nextCursor: z.null(),
  })
  .meta({ id: 'Revenue' });
export type RevenueView = z.output<typeof revenueView>;

export const topProductsQuery = z.strictObject({
  by: z.enum(['revenue', 'units', 'views']).default('revenue'),
  limit: wholeNumber(1, 100).default(10),
});
export type TopProductsQuery = z.output<typeof topProductsQuery>;

export const topProductsView = z
  .object({
    items: z.array(
      z.object({
        rank: z.int().min(1),
        sku: z.string(),
        /** Null for a product that was never published. */
        name: z.string().nullable(),
        category: z.string().nullable(),
        units: count,
        views: count,
        revenue: money,
      }),
    ),
    nextCursor: z.null(),
  })
  .meta({ id: 'TopProducts' });
export type TopProductsView = z.output<typeof topProductsView>;

export const customerPath = text(1, 100);
export const customerView = z
  .object({
    customerId: z.string(),
    locale: z.string().nullable(),
    registeredAt: instant.nullable(),
    orders: count,
    /** The totals of all confirmed orders. */
    lifetimeValue: money,
    averageOrderValue: money.nullable(),
    activities: count,
    sessions: count,
    lastSeenAt: instant.nullable(),
  })
  .meta({ id: 'CustomerNumbers' });
export type CustomerView = z.output<typeof customerView>;

export const ordersQuery = z.strictObject(paging);
export type OrdersQuery = z.output<typeof ordersQuery>;
export const highValueOrder = z
  .object({
    orderId: z.uuid(),
    customerId: z.string(),
    country,
    total: money,
    at: instant,
    outcome: z.enum(['confirmed', 'rejected', 'cancelled']).nullable(),
  })
  .meta({ id: 'HighValueOrder' });
export type HighValueOrderView = z.output<typeof highValueOrder>;
export const highValueOrders = z
  .object({ items: z.array(highValueOrder), nextCursor: z.string().nullable() })
  .meta({ id: 'HighValueOrders' });

export const latencyQuery = z.strictObject(periodQuery);
export type LatencyQuery = z.output<typeof latencyQuery>;
const milliseconds = count.nullable();
export const latencyView = z
  .object({
    ...period,
    items: z.array(
      z.object({
        outcome: z.enum(['confirmed', 'rejected', 'cancelled', 'pending']),
        orders: count,
        p50: milliseconds,
        p95: milliseconds,
        p99: milliseconds,
        max: milliseconds,
      }),
    ),
    nextCursor: z.null(),
  })
  .meta({ id: 'SagaLatency' });
export type LatencyView = z.output<typeof latencyView>;
