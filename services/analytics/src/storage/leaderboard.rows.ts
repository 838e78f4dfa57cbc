import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { LeaderboardName, Ranked } from '../domain/leaderboard.ts';

interface Counted {
  readonly table: string;
  readonly id: string;
  readonly score: string;
}

const products = { table: 'product_counts', id: 'sku' };
const counted: Readonly<Record<LeaderboardName, Counted>> = {
  'top-selling': { ...products, score: 'units' },
  'most-viewed': { ...products, score: 'views' },
  'top-revenue': { ...products, score: 'revenue' },
  'top-customers': { table: 'customer_counts', id: 'customer_id', score: 'spent' },
};

/** Leaderboards as the rows of the counts have them. */
@Injectable()
export class LeaderboardRows {
  constructor(private readonly dataSource: DataSource) {}

  /** The first entries; equal ones by id, the last first, as Redis has them. */
  async top(name: LeaderboardName, limit: number): Promise<readonly Ranked[]> {
    const { table, id, score } = counted[name];
    const rows: { id: string; score: string }[] = await this.dataSource.query(
      `SELECT ${id} AS id, ${score} AS score FROM ${table} WHERE ${score} > 0
        ORDER BY ${score} DESC, ${id} DESC LIMIT $1`,
      [limit],
    );
    return rows.map((row) => ({ id: row.id, score: Number(row.score) }));
  }

  /** Those of the ids that are counted. */
  async among(name: LeaderboardName, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const { table, id } = counted[name];
    const rows: { id: string }[] = await this.dataSource.query(
      `SELECT ${id} AS id FROM ${table} WHERE ${id} = ANY($1)`,
      [ids],
    );
    return new Set(rows.map((row) => row.id));
  }

  /** Deletes what a message of an erased customer counted while the customer was erased. */
  async deleteErased(): Promise<void> {
    await this.dataSource.query(
      'DELETE FROM customer_counts c USING erased_customers e WHERE e.customer_id = c.customer_id',
    );
  }
}
