import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { OrderFactsEntity } from './analytics.entities.ts';

interface Span {
  readonly from: Date;
  readonly to: Date;
}

/** The confirmed orders of a window. */
export interface Earned {
  readonly startedAt: Date;
  readonly orders: number;
  readonly revenue: number;
}

/** What a product sold, and how often it was viewed. */
export interface TopProduct {
  readonly sku: string;
  readonly name: string | null;
  readonly category: string | null;
  readonly units: number;
  readonly views: number;
  readonly revenue: number;
}

/** How long orders took from their placement to their outcome, in milliseconds. */
export interface Latency {
  readonly outcome: 'confirmed' | 'rejected' | 'cancelled' | 'pending';
  readonly orders: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** The place of an order in the list. */
export interface OrderPlace {
  readonly at: string;
  readonly id: string;
}

/** What a customer did and bought. */
export interface CustomerNumbers {
  readonly locale: string | null;
  readonly registeredAt: Date | null;
  readonly orders: number;
  readonly spent: number;
  readonly activities: number;
  readonly sessions: number;
  readonly lastSeenAt: Date | null;
}

/** Reads what was sold, to whom, and how long orders took. */
@Injectable()
export class SalesRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Windows of `size`, such as `1 hour`, from midnight UTC on; those without confirmed orders are left out. */
  async revenue({ from, to }: Span, size: string, currency: string): Promise<Earned[]> {
    const rows: { startedAt: Date; orders: string; revenue: string }[] =
      await this.dataSource.query(
        `SELECT date_bin($1::interval, minute, timestamptz '2000-01-01 00:00Z') AS "startedAt",
            sum(confirmed) AS orders, sum(revenue) AS revenue
          FROM order_counts WHERE minute >= $2 AND minute < $3 AND currency = $4
          GROUP BY 1 HAVING sum(confirmed) > 0 ORDER BY 1`,
        [size, from, to, currency],
      );
    return rows.map(({ startedAt, orders, revenue }) => ({
      startedAt,
      orders: Number(orders),
      revenue: Number(revenue),
    }));
  }

  /** The products with the highest numbers of all time. */
  async topProducts(by: 'revenue' | 'units' | 'views', limit: number): Promise<TopProduct[]> {
    const rows: Record<keyof TopProduct, string>[] = await this.dataSource.query(
      `SELECT counted.sku, name, category, units, views, revenue
        FROM product_counts counted LEFT JOIN products USING (sku)
        WHERE counted.${by} > 0 ORDER BY counted.${by} DESC, sku LIMIT $1`,
      [limit],
    );
    return rows.map(({ units, views, revenue, ...product }) => ({
      ...product,
      units: Number(units),
      views: Number(views),
      revenue: Number(revenue),
    }));
  }

  /** The newest orders of high value. */
  highValueOrders(after: OrderPlace | undefined, take: number): Promise<OrderFactsEntity[]> {
    const found = this.dataSource
      .createQueryBuilder(OrderFactsEntity, 'placed')
      .where('placed.highValue')
      .orderBy('placed.placedAt', 'DESC')
      .addOrderBy('placed.orderId', 'DESC')
      .limit(take);
    if (after)
      found.andWhere('(placed.placedAt, placed.orderId) < (:at::timestamptz, :id::uuid)', after);
    return found.getMany();
  }

  /** Of the orders that were placed in the period, by outcome. */
  async latency({ from, to }: Span): Promise<Latency[]> {
    const percentile = (part: number) =>
      `percentile_cont(${part}) WITHIN GROUP (ORDER BY extract(epoch FROM settled_at - placed_at) * 1000)`;
    const rows: Record<keyof Latency, string | null>[] = await this.dataSource.query(
      `SELECT coalesce(outcome, 'pending') AS outcome, count(*) AS orders, ${percentile(0.5)} AS p50,
          ${percentile(0.95)} AS p95, ${percentile(0.99)} AS p99,
          max(extract(epoch FROM settled_at - placed_at) * 1000) AS max
        FROM order_facts WHERE placed_at >= $1 AND placed_at < $2 GROUP BY 1 ORDER BY 1`,
      [from, to],
    );
    const whole = (value: string | null) => (value === null ? null : Math.round(Number(value)));
    return rows.map(({ outcome, orders, p50, p95, p99, max }) => ({
      outcome: outcome as Latency['outcome'],
      orders: Number(orders),
      p50: whole(p50),
      p95: whole(p95),
      p99: whole(p99),
      max: whole(max),
    }));
  }

  /** Null if nothing is known of the customer. */
  async customer(customerId: string): Promise<CustomerNumbers | null> {
    const [row]: (Record<string, string | null> &
      Pick<CustomerNumbers, 'registeredAt' | 'lastSeenAt' | 'locale'>)[] =
      await this.dataSource.query(
        `SELECT profile.locale, profile.registered_at AS "registeredAt", counted.orders, counted.spent,
            visits.activities, visits.sessions, visits.last AS "lastSeenAt",
            coalesce(profile.customer_id, counted.customer_id, visits.customer_id) AS known
          FROM (SELECT $1::text AS id) asked
            LEFT JOIN customer_profiles profile ON profile.customer_id = asked.id
            LEFT JOIN customer_counts counted ON counted.customer_id = asked.id
            LEFT JOIN (SELECT customer_id, sum(activities) AS activities, count(*) AS sessions, max(ended_at) AS last
              FROM session_metrics WHERE customer_id = $1 GROUP BY 1) visits ON visits.customer_id = asked.id`,
        [customerId],
      );
    if (!row?.['known']) return null;
    return {
      locale: row.locale,
      registeredAt: row.registeredAt,
      orders: Number(row['orders'] ?? 0),
      spent: Number(row['spent'] ?? 0),
      activities: Number(row['activities'] ?? 0),
      sessions: Number(row['sessions'] ?? 0),
      lastSeenAt: row.lastSeenAt,
    };
  }
}
