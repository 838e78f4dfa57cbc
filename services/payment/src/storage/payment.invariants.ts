import type { DataSource } from 'typeorm';

interface Check {
  readonly says: string;
  /** Returns the rows that violate it: `what` names each. */
  readonly sql: string;
}

/** The ledger's sums of each order; a release reduces what is still held, not what was authorized. */
const ledger = `
  SELECT order_id, count(DISTINCT currency) AS currencies,
    sum(amount) AS total,
    coalesce(sum(amount) FILTER (WHERE kind = 'authorize' AND account = 'provider_hold'), 0) AS authorized,
    coalesce(sum(amount) FILTER (WHERE kind = 'capture' AND account = 'provider_balance'), 0) AS captured,
    coalesce(sum(amount) FILTER (WHERE kind = 'refund' AND account = 'customer'), 0) AS refunded,
    coalesce(sum(amount) FILTER (WHERE account = 'provider_hold'), 0) AS held
  FROM ledger_entries GROUP BY order_id`;

const checks: readonly Check[] = [
  {
    says: 'the ledger does not sum to zero',
    sql: `SELECT order_id::text AS what FROM (${ledger}) l WHERE total <> 0`,
  },
  {
    says: 'a transfer does not have two sides that cancel out',
    sql: `SELECT operation_id || ' ' || kind AS what FROM ledger_entries
      GROUP BY order_id, operation_id, kind HAVING sum(amount) <> 0 OR count(*) <> 2`,
  },
  {
    says: 'the ledger of one order has several currencies',
    sql: `SELECT order_id::text AS what FROM (${ledger}) l WHERE currencies > 1`,
  },
  {
    says: 'more was captured than authorized',
    sql: `SELECT order_id::text AS what FROM (${ledger}) l WHERE captured > authorized`,
  },
  {
    says: 'more was refunded than captured',
    sql: `SELECT order_id::text AS what FROM (${ledger}) l WHERE refunded > captured`,
  },
  {
    says: 'something negative is held at the provider',
    sql: `SELECT order_id::text AS what FROM (${ledger}) l WHERE held < 0`,
  },
  {
    says: 'the payment and its ledger differ',
    sql: `SELECT coalesce(p.order_id, l.order_id)::text AS what
      FROM payments p FULL JOIN (${ledger}) l USING (order_id)
      WHERE coalesce(p.authorized, 0) <> coalesce(l.authorized, 0)
        OR coalesce(p.captured, 0) <> coalesce(l.captured, 0)
        OR coalesce(p.refunded, 0) <> coalesce(l.refunded, 0)`,
  },
  {
    says: 'the refunds and the ledger differ',
    sql: `SELECT coalesce(r.operation_id, l.operation_id) AS what
      FROM (SELECT operation_id, amount FROM refunds WHERE status = 'refunded') r
      FULL JOIN (SELECT operation_id, amount FROM ledger_entries WHERE kind = 'refund' AND account = 'customer') l
        USING (operation_id)
      WHERE r.amount IS DISTINCT FROM l.amount`,
  },
  {
    says: 'a payment waits for its customer, or has a challenge although it does not',
    sql: `SELECT order_id::text AS what FROM payments WHERE status = 'requires_action' OR challenge IS NOT NULL`,
  },
  {
    says: 'something is still held at the provider for a payment that is not authorized',
    sql: `SELECT order_id::text AS what FROM payments JOIN (${ledger}) l USING (order_id)
      WHERE held <> 0 AND status NOT IN ('authorized', 'capture_refused', 'void_pending')`,
  },
];

type Queries = Pick<DataSource, 'query'>;

/** The problems with the money, one sentence each; empty if all invariants hold. */
export async function paymentInvariants(dataSource: Queries): Promise<string[]> {
  const broken: string[] = [];
  for (const { says, sql } of checks) {
    const rows = (await dataSource.query(sql)) as { what: string }[];
    if (rows.length > 0) broken.push(sentence(says, rows));
  }
  const [sum] = (await dataSource.query(
    'SELECT coalesce(sum(amount), 0)::text AS total FROM ledger_entries',
  )) as [{ total: string }];
  if (sum.total !== '0') broken.push(`payment: the whole ledger sums to ${sum.total}, not to zero`);
  return broken;
}

/** Those of these rejected or cancelled orders that still hold or have money, or wait for the provider. */
export async function unsettledMoney(
  dataSource: Queries,
  orderIds: readonly string[],
): Promise<string[]> {
  const rows = (await dataSource.query(
    `SELECT order_id::text AS what FROM ledger_entries WHERE order_id = ANY($1::uuid[])
       GROUP BY order_id, account HAVING sum(amount) <> 0
     UNION SELECT order_id::text FROM payments
       WHERE order_id = ANY($1::uuid[]) AND unsettled_since IS NOT NULL`,
    [orderIds],
  )) as { what: string }[];
  return rows.length === 0
    ? []
    : [sentence('a rejected or cancelled order does not net to zero', rows)];
}

function sentence(says: string, rows: readonly { what: string }[]): string {
  const named = rows.slice(0, 5).map(({ what }) => what);
  return `payment: ${says} (${rows.length}, such as ${named.join(', ')})`;
}
