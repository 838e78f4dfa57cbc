import type { DataSource } from 'typeorm';
import type { Totals } from './summary.repository.ts';

interface Sums {
  readonly [name: string]: string;
}

/**
 * The problems with the counts once all messages are processed, one sentence each; empty if all invariants hold.
 * `expected` is calculated from the orders themselves.
 */
export async function analyticsInvariants(
  dataSource: Pick<DataSource, 'query'>,
  expected: Partial<Totals> = {},
): Promise<string[]> {
  const [counts = {}] = (await dataSource.query(`
    SELECT coalesce(sum(placed), 0) AS placed, coalesce(sum(confirmed), 0) AS confirmed,
      coalesce(sum(rejected), 0) AS rejected, coalesce(sum(cancelled), 0) AS cancelled,
      coalesce(sum(revenue), 0) AS revenue FROM order_counts`)) as Sums[];
  const [sales = {}] = (await dataSource.query(`
    SELECT coalesce(sum(orders), 0) AS orders, coalesce(sum(revenue), 0) AS revenue
    FROM region_sales`)) as Sums[];
  const broken = Object.entries(expected)
    .filter(([name, value]) => Number(counts[name]) !== value)
    .map(([name, value]) => `analytics: ${name} is ${counts[name]}, the orders say ${value}`);
  if (sales['orders'] !== counts['confirmed'] || sales['revenue'] !== counts['revenue']) {
    broken.push(
      `analytics: announcements tell of ${sales['orders']} confirmed orders worth ${sales['revenue']}, ` +
        `events of ${counts['confirmed']} worth ${counts['revenue']}`,
    );
  }
  return broken;
}
