import { type Invariant, violationsOf } from '@waybill/service';
import type { DataSource } from 'typeorm';

const linesOf = (status: string): string => `
  SELECT line->>'sku' AS sku, sum((line->>'quantity')::bigint) AS quantity
  FROM reservations, jsonb_array_elements(lines) AS line
  WHERE status = '${status}' GROUP BY 1`;

const kinds = ['received', 'returned', 'sold', 'restored', 'reserved', 'released'] as const;

/** One pass over the movements, of which an import adds a million. */
const moved = `
  SELECT sku, ${kinds.map((kind) => `coalesce(sum(quantity) FILTER (WHERE kind = '${kind}'), 0) AS ${kind}`).join(', ')}
  FROM stock_movements GROUP BY sku`;

const returned = `
  SELECT line->>'sku' AS sku, sum((line->>'quantity')::bigint) AS quantity
  FROM returned_goods, jsonb_array_elements(lines) AS line`;

const checks: readonly Invariant[] = [
  {
    says: 'a part of the stock is negative',
    sql: `SELECT sku AS what FROM stock WHERE least(received, returned, available, reserved, sold) < 0`,
  },
  {
    says: 'received + returned is not available + reserved + sold',
    sql: `SELECT sku AS what FROM stock WHERE received + returned <> available + reserved + sold`,
  },
  {
    says: 'the warehouses do not hold available + reserved',
    sql: `SELECT sku AS what FROM stock s WHERE available + reserved <>
      coalesce((SELECT sum((w->>'onHand')::bigint) FROM jsonb_array_elements(warehouses) w), 0)`,
  },
  {
    says: 'a warehouse holds less than what is reserved in it',
    sql: `SELECT sku AS what FROM stock s, jsonb_array_elements(warehouses) w
      WHERE (w->>'onHand')::bigint < coalesce((w->>'reserved')::bigint, 0) OR (w->>'reserved')::bigint < 0`,
  },
  {
    says: 'more is reserved in the warehouses than in all',
    sql: `SELECT sku AS what FROM stock s WHERE reserved <
      coalesce((SELECT sum((w->>'reserved')::bigint) FROM jsonb_array_elements(warehouses) w), 0)`,
  },
  {
    says: 'reserved is not the sum of the open reservations',
    sql: `SELECT coalesce(s.sku, r.sku) AS what FROM stock s FULL JOIN (${linesOf('reserved')}) r USING (sku)
      WHERE coalesce(s.reserved, 0) <> coalesce(r.quantity, 0)`,
  },
  {
    says: 'sold is not the sum of the committed reservations',
    sql: `SELECT coalesce(s.sku, r.sku) AS what FROM stock s FULL JOIN (${linesOf('committed')}) r USING (sku)
      WHERE coalesce(s.sold, 0) <> coalesce(r.quantity, 0)`,
  },
  {
    says: 'the movements do not add up to the stock',
    sql: `SELECT coalesce(s.sku, m.sku) AS what FROM stock s FULL JOIN (${moved}) m USING (sku)
      WHERE (coalesce(s.received, 0), coalesce(s.returned, 0), coalesce(s.sold, 0), coalesce(s.reserved, 0)) IS DISTINCT FROM
        (coalesce(m.received, 0), coalesce(m.returned, 0), coalesce(m.sold - m.restored, 0), coalesce(m.reserved - m.released - m.sold, 0))`,
  },
  {
    says: 'returned is not the sum of the goods that came back',
    sql: `SELECT coalesce(s.sku, r.sku) AS what FROM stock s FULL JOIN (${returned} GROUP BY 1) r USING (sku)
      WHERE coalesce(s.returned, 0) <> coalesce(r.quantity, 0)`,
  },
  {
    says: 'an order has returned more than it bought',
    sql: `SELECT DISTINCT r.sku AS what FROM (${returned.replace('SELECT', 'SELECT order_id,')} GROUP BY order_id, line->>'sku') r
      LEFT JOIN (SELECT order_id, line->>'sku' AS sku, (line->>'quantity')::bigint AS quantity
        FROM reservations, jsonb_array_elements(lines) AS line WHERE status = 'committed') b USING (order_id, sku)
      WHERE r.quantity > coalesce(b.quantity, 0)`,
  },
  {
    says: 'goods that came in are not the restocks that were asked for',
    sql: `SELECT coalesce(s.sku, r.sku) AS what FROM stock s FULL JOIN
      (SELECT sku, sum(quantity) AS quantity FROM restocks GROUP BY sku) r USING (sku)
      WHERE coalesce(s.received, 0) <> coalesce(r.quantity, 0)`,
  },
  {
    says: 'a product shows an uploaded picture that has no sizes',
    sql: `SELECT sku AS what FROM products WHERE image_url ~ '^/images/[0-9a-f]{64}-'
      AND NOT EXISTS (SELECT FROM images WHERE reference = substr(image_url, 9, 64) AND failure IS NULL)`,
  },
];

/** An order in the supplier's own ledger. */
export interface LedgerOrder {
  readonly orderId: string;
  readonly sku: string;
  readonly quantity: number;
  /** The shop has accepted the webhook about the delivery. */
  readonly acknowledged: boolean;
}

/**
 * The problems with the stock, one sentence each; empty if all invariants hold. Every delivery in the supplier's ledger that was
 * acknowledged is a restock.
 */
export async function inventoryInvariants(
  dataSource: Pick<DataSource, 'query'>,
  ledger: readonly LedgerOrder[] = [],
): Promise<string[]> {
  const delivered = ledger.filter(({ acknowledged }) => acknowledged);
  const restocks: { what: string }[] = await dataSource.query(
    `SELECT concat_ws('/', request_id, sku, quantity) AS what FROM restocks
      WHERE request_id::text = ANY($1)`,
    [delivered.map(({ orderId }) => orderId)],
  );
  const known = new Set(restocks.map(({ what }) => what));
  const missed = delivered.filter(
    ({ orderId, sku, quantity }) => !known.has(`${orderId}/${sku}/${quantity}`),
  );
  return [
    ...(await violationsOf('inventory', dataSource, checks)),
    ...missed.map(
      ({ orderId, sku }) => `inventory: a delivery of ${sku} is not in stock: ${orderId}`,
    ),
  ];
}
