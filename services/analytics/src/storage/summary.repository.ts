import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { OrderFact } from '../domain/order-counts.ts';
import { OrderCountsEntity, RegionSalesEntity } from './analytics.entities.ts';

export type Totals = Readonly<Record<OrderFact | 'revenue', number>>;
export type MinuteTotals = Totals & { readonly minute: string };

export interface RegionTotals {
  readonly region: string;
  readonly shippingMethod: string;
  readonly orders: number;
  readonly revenue: number;
}

export interface Period {
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
  readonly currency: string;
}

export interface Summary {
  /** The minutes with events, in order. */
  readonly minutes: readonly MinuteTotals[];
  /** Confirmed orders by region and shipping method. */
  readonly regions: readonly RegionTotals[];
}

const columns = ['placed', 'confirmed', 'rejected', 'cancelled', 'revenue'] as const;

/** Reads the counts and sums the rows of a minute. */
@Injectable()
export class SummaryRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Reads both in one snapshot, so that their sums agree. */
  read(period: Period): Promise<Summary> {
    return this.dataSource.transaction('REPEATABLE READ', async (manager) => ({
      minutes: await byMinute(manager, period),
      regions: await byRegion(manager, period),
    }));
  }
}

async function byMinute(
  manager: EntityManager,
  { from, to, currency }: Period,
): Promise<MinuteTotals[]> {
  const query = manager
    .createQueryBuilder(OrderCountsEntity, 'counts')
    .select('counts.minute', 'minute')
    .where('counts.minute >= :from AND counts.minute < :to', { from, to })
    .andWhere('counts.currency = :currency', { currency })
    .groupBy('counts.minute')
    .orderBy('counts.minute');
  for (const column of columns) query.addSelect(`sum(counts.${column})`, column);
  const rows = await query.getRawMany<Record<string, string> & { minute: Date }>();
  return rows.map((row) => ({ minute: row.minute.toISOString(), ...totalsOf(row) }));
}

async function byRegion(
  manager: EntityManager,
  { from, to, currency }: Period,
): Promise<RegionTotals[]> {
  const rows = await manager
    .createQueryBuilder(RegionSalesEntity, 'sales')
    .select('sales.region', 'region')
    .addSelect('sales.shippingMethod', 'shippingMethod')
    .addSelect('sum(sales.orders)', 'orders')
    .addSelect('sum(sales.revenue)', 'revenue')
    .where('sales.minute >= :from AND sales.minute < :to', { from, to })
    .andWhere('sales.currency = :currency', { currency })
    .groupBy('sales.region')
    .addGroupBy('sales.shippingMethod')
    .orderBy('sales.region')
    .addOrderBy('sales.shippingMethod')
    .getRawMany<Record<keyof RegionTotals, string>>();
  return rows.map((row) => ({
    region: row.region,
    shippingMethod: row.shippingMethod,
    orders: Number(row.orders),
    revenue: Number(row.revenue),
  }));
}

const totalsOf = (row: Record<string, unknown>): Totals => ({
  placed: Number(row['placed']),
  confirmed: Number(row['confirmed']),
  rejected: Number(row['rejected']),
  cancelled: Number(row['cancelled']),
  revenue: Number(row['revenue']),
});
