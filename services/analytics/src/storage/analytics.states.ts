import { states } from '@waybill/messaging';
import type { OrderCounts, RegionSales } from '../domain/order-counts.ts';

/** A few rows a minute and currency. */
export const orderCounts = states<OrderCounts>({
  table: 'order_counts',
  id: 'id',
  columns: {
    id: 'text',
    minute: 'timestamptz',
    currency: 'text',
    placed: 'bigint',
    confirmed: 'bigint',
    rejected: 'bigint',
    cancelled: 'bigint',
    revenue: 'bigint',
  },
});

/** A few rows a minute, currency, region and shipping method. */
export const regionSales = states<RegionSales>({
  table: 'region_sales',
  id: 'id',
  columns: {
    id: 'text',
    minute: 'timestamptz',
    currency: 'text',
    region: 'text',
    shippingMethod: 'text',
    orders: 'bigint',
    revenue: 'bigint',
  },
});
