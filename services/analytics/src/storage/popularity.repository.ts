import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { countPairs, pairsWith } from '../domain/pairs.ts';
import { visitorOf } from '../domain/visitor.ts';

/** A view of a product in a session. */
export interface View {
  readonly sessionId: string;
  readonly sku: string;
  readonly at: string;
}

/** What a customer bought in one order. */
export interface Purchase {
  readonly orderId: string;
  readonly customerId: string;
  readonly total: { readonly amount: number; readonly currency: string };
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
}

/** The counts of a product after a change. */
export interface ProductCounts {
  readonly sku: string;
  readonly views: number;
  readonly units: number;
  readonly revenue: number;
}

/** The counts of a customer after a change. */
export interface CustomerCounts {
  readonly customerId: string;
  readonly spent: number;
}

/** Counts views and purchases. Every method writes in the caller's transaction, and locks rows in the order of their keys. */
@Injectable()
export class PopularityRepository {
  /** Remembers the ids; returns those that were not there. */
  async remember(manager: EntityManager, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const rows: { id: string }[] = await manager.query(
      `INSERT INTO counted (id, at) SELECT DISTINCT id, (SELECT waybill_now()) FROM unnest($1::uuid[]) id ORDER BY id
        ON CONFLICT DO NOTHING RETURNING id`,
      [ids],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Those of the products that are on sale. */
  async known(manager: EntityManager, skus: readonly string[]): Promise<ReadonlySet<string>> {
    const rows: { sku: string }[] = await manager.query(
      'SELECT sku FROM products WHERE sku = ANY($1) AND NOT withdrawn',
      [skus],
    );
    return new Set(rows.map(({ sku }) => sku));
  }

  countViews(manager: EntityManager, views: readonly View[]): Promise<ProductCounts[]> {
    return this.addToProducts(
      manager,
      views.map(({ sku }) => ({ sku, views: 1, units: 0 })),
    );
  }

  /** Revenue is at the price of the moment, without tax and discounts. */
  countSales(
    manager: EntityManager,
    purchases: readonly Purchase[],
    currency: string,
  ): Promise<ProductCounts[]> {
    const sold = purchases.flatMap(({ lines }) => lines);
    return this.addToProducts(
      manager,
      sold.map(({ sku, quantity }) => ({ sku, views: 0, units: quantity })),
      currency,
    );
  }

  /** Customers who were erased are not counted. */
  async countCustomers(
    manager: EntityManager,
    purchases: readonly Purchase[],
    currency: string,
  ): Promise<CustomerCounts[]> {
    const rows = purchases.map(({ customerId, total }) => ({
      customer_id: customerId,
      spent: total.currency === currency ? total.amount : 0,
    }));
    const counted: { customer_id: string; spent: string }[] = await manager.query(customers, [
      JSON.stringify(rows),
    ]);
    return counted.map(({ customer_id, spent }) => ({
      customerId: customer_id,
      spent: Number(spent),
    }));
  }

  /** Adds the pairs, and returns the products whose pairs have changed. */
  async countTogether(
    manager: EntityManager,
    kind: 'bought' | 'viewed',
    found: readonly (readonly [string, string])[],
  ): Promise<string[]> {
    const pairs = countPairs(found);
    if (pairs.length === 0) return [];
    await manager.query(
      `INSERT INTO product_pairs AS pair (kind, sku, other, times)
        SELECT $1, sku, other, times FROM json_to_recordset($2) AS r(sku text, other text, times bigint)
        ORDER BY sku, other
        ON CONFLICT (kind, sku, other) DO UPDATE SET times = pair.times + excluded.times`,
      [kind, JSON.stringify(pairs)],
    );
    return [...new Set(pairs.map(({ sku }) => sku))];
  }

  /** Remembers what the sessions viewed; returns the pairs that are new to them. */
  async addToSessions(
    manager: EntityManager,
    views: readonly View[],
  ): Promise<(readonly [string, string])[]> {
    const rows: { session_id: string; sku: string }[] = await manager.query(
      'SELECT session_id, sku FROM session_views WHERE session_id = ANY($1) ORDER BY at',
      [[...new Set(views.map(({ sessionId }) => sessionId))]],
    );
    const seen = new Map<string, string[]>();
    for (const { session_id, sku } of rows)
      seen.set(session_id, [...(seen.get(session_id) ?? []), sku]);
    const pairs = views.flatMap(({ sessionId, sku }) => {
      const before = seen.get(sessionId) ?? [];
      seen.set(sessionId, before.includes(sku) ? before : [...before, sku]);
      return pairsWith(sku, before);
    });
    await manager.query(
      `INSERT INTO session_views (session_id, sku, at)
        SELECT "sessionId", sku, max(at) FROM json_to_recordset($1) AS r("sessionId" text, sku text, at timestamptz)
        GROUP BY 1, 2 ORDER BY 1, 2 ON CONFLICT DO NOTHING`,
      [JSON.stringify(views)],
    );
    return pairs;
  }

  /** Removes what is counted of customers, now and later. */
  async forget(manager: EntityManager, customerIds: readonly string[]): Promise<void> {
    await manager.query(
      'INSERT INTO erased_customers SELECT DISTINCT id FROM unnest($1::text[]) id ORDER BY id ON CONFLICT DO NOTHING',
      [customerIds],
    );
    for (const table of ['customer_counts', 'customer_profiles', 'session_metrics'])
      await manager.query(`DELETE FROM ${table} WHERE customer_id = ANY($1)`, [customerIds]);
    const visitors = customerIds.map((id) => visitorOf(id, ''));
    await manager.query('DELETE FROM window_metrics WHERE visitor = ANY($1)', [visitors]);
    for (const table of ['visitor_activities', 'window_states'])
      await manager.query(`DELETE FROM ${table} WHERE id = ANY($1)`, [visitors]);
  }

  private async addToProducts(
    manager: EntityManager,
    rows: readonly { readonly sku: string; readonly views: number; readonly units: number }[],
    currency = '',
  ): Promise<ProductCounts[]> {
    const counted: Record<keyof ProductCounts, string>[] = await manager.query(counts, [
      JSON.stringify(rows),
      currency,
    ]);
    return counted.map(({ sku, views, units, revenue }) => ({
      sku,
      views: Number(views),
      units: Number(units),
      revenue: Number(revenue),
    }));
  }
}

const counts = `INSERT INTO product_counts AS counted (sku, views, units, revenue)
  SELECT r.sku, sum(r.views), sum(r.units), sum(r.units * coalesce(p.price_amount, 0))
  FROM json_to_recordset($1) AS r(sku text, views bigint, units bigint)
    LEFT JOIN products p ON p.sku = r.sku AND p.price_currency = $2
  GROUP BY r.sku ORDER BY r.sku
  ON CONFLICT (sku) DO UPDATE SET views = counted.views + excluded.views,
    units = counted.units + excluded.units, revenue = counted.revenue + excluded.revenue
  RETURNING sku, views, units, revenue`;

const customers = `INSERT INTO customer_counts AS counted (customer_id, orders, spent)
  SELECT customer_id, count(*), sum(spent) FROM json_to_recordset($1) AS r(customer_id text, spent bigint)
  WHERE NOT EXISTS (SELECT FROM erased_customers e WHERE e.customer_id = r.customer_id)
  GROUP BY customer_id ORDER BY customer_id
  ON CONFLICT (customer_id) DO UPDATE SET orders = counted.orders + excluded.orders, spent = counted.spent + excluded.spent,
    version = counted.version + 1
  RETURNING customer_id, spent`;
