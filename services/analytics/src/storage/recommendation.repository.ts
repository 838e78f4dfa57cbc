import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { Product, RecommendationReason } from './popularity.entities.ts';

/** A product that is recommended, and why. */
export interface Recommended extends Omit<Product, 'withdrawn'> {
  readonly reason: RecommendationReason;
}

/** How many products a list has. */
export const longestList = 20;

/** The products that go with a product: computed by jobs, read by customers. */
@Injectable()
export class RecommendationRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Computes the list of a product anew from its pairs. */
  async recompute(manager: EntityManager, sku: string): Promise<void> {
    await manager.query(computation, [sku]);
  }

  /** The list of a product, filled up with the best sellers of its category; undefined if the product is not on sale. */
  async of(sku: string, limit: number): Promise<readonly Recommended[] | undefined> {
    const rows: { sku: string | null; [column: string]: unknown }[] = await this.dataSource.query(
      reading,
      [sku, limit],
    );
    if (rows.length === 0) return undefined;
    return rows
      .filter((row) => row.sku !== null)
      .map((row) => ({
        sku: String(row.sku),
        name: String(row['name']),
        category: String(row['category']),
        priceAmount: Number(row['price_amount']),
        priceCurrency: String(row['price_currency']),
        reason: row['reason'] as RecommendationReason,
      }));
  }
}

const computation = `INSERT INTO recommendations (sku, items, at)
  SELECT $1, coalesce(jsonb_agg(jsonb_build_object('sku', other, 'reason', kind || '_together') ORDER BY kind, times DESC, other), '[]'),
    waybill_now()
  FROM (
    SELECT DISTINCT ON (other) kind, other, times FROM (
      (SELECT kind, other, times FROM product_pairs WHERE kind = 'bought' AND sku = $1 ORDER BY times DESC, other LIMIT ${longestList})
      UNION ALL
      (SELECT kind, other, times FROM product_pairs WHERE kind = 'viewed' AND sku = $1 ORDER BY times DESC, other LIMIT ${longestList})
    ) both_kinds ORDER BY other, kind
  ) pairs
  ON CONFLICT (sku) DO UPDATE SET items = excluded.items, at = excluded.at`;

/** One row without a product if the list is empty, and none if the product itself does not exist. */
const reading = `SELECT list.* FROM products product
  LEFT JOIN LATERAL (
    SELECT p.*, found.reason FROM (
      SELECT sku, reason, rank FROM (
        SELECT DISTINCT ON (sku) sku, reason, rank FROM (
          SELECT item ->> 'sku' AS sku, item ->> 'reason' AS reason, place AS rank FROM recommendations r,
            jsonb_array_elements(r.items) WITH ORDINALITY AS items(item, place) WHERE r.sku = product.sku
          UNION ALL
          (SELECT p.sku, 'best_seller', 1000 + row_number() OVER (ORDER BY coalesce(c.units, 0) DESC, p.sku)
            FROM products p LEFT JOIN product_counts c ON c.sku = p.sku WHERE p.category = product.category AND NOT p.withdrawn
            ORDER BY coalesce(c.units, 0) DESC, p.sku LIMIT ${longestList} + 1)
        ) candidates WHERE sku <> product.sku ORDER BY sku, rank
      ) ranked
    ) found JOIN products p ON p.sku = found.sku AND NOT p.withdrawn ORDER BY found.rank LIMIT $2
  ) list ON true
  WHERE product.sku = $1 AND NOT product.withdrawn`;
