import { type Invariant, violation, violationsOf } from '@waybill/service';
import type { DataSource } from 'typeorm';

/** The ledger's sums of each order; a release reduces what is still held, not what was authorized. */
const ledger = `
  SELECT order_id, count(DISTINCT currency) AS currencies,
    sum(amount) AS total,
    coalesce(sum(amount) FILTER (WHERE kind = 'authorize' AND account = 'provider_hold'), 0) AS authorized,
    coalesce(sum(amount) FILTER (WHERE kind = 'capture' AND account = 'provider_balance'), 0) AS captured,
    coalesce(sum(amount) FILTER (WHERE kind = 'refund' AND account = 'customer'), 0) AS refunded,
    coalesce(sum(amount) FILTER (WHERE account = 'provider_hold'), 0) AS held,
    coalesce(sum(amount) FILTER (WHERE account = 'credit_hold'), 0) AS credit_held,
    coalesce(sum(amount) FILTER (WHERE kind = 'spend' AND account = 'credit_spent'), 0) AS spent,
    coalesce(sum(amount) FILTER (WHERE kind = 'credit_refund' AND account = 'credit'), 0) AS given_back
  FROM ledger_entries WHERE order_id IS NOT NULL GROUP BY order_id`;

/** The ledger's sums of each customer's store credit. */
const credit = `
  SELECT customer_id, coalesce(sum(amount) FILTER (WHERE account = 'credit'), 0) AS available,
    coalesce(sum(amount) FILTER (WHERE account = 'credit_hold'), 0) AS held,
    -coalesce(sum(amount) FILTER (WHERE account = 'credit_source'), 0) AS paid_in,
    coalesce(sum(amount) FILTER (WHERE account = 'credit_spent'), 0) AS spent
  FROM ledger_entries WHERE customer_id IS NOT NULL GROUP BY customer_id`;

const checks: readonly Invariant[] = [
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
      FROM (SELECT operation_id, amount, credit FROM refunds WHERE status = 'refunded') r
      FULL JOIN (SELECT operation_id, sum(amount) AS amount,
          coalesce(sum(amount) FILTER (WHERE kind = 'credit_refund'), 0) AS credit FROM ledger_entries
        WHERE (kind, account) IN (('refund', 'customer'), ('credit_refund', 'credit')) GROUP BY operation_id) l
        USING (operation_id)
      WHERE (r.amount, r.credit) IS DISTINCT FROM (l.amount, l.credit)`,
  },
  {
    says: 'a payment waits for its customer without a challenge, or has one and does not wait',
    sql: `SELECT order_id::text AS what FROM payments WHERE (status = 'requires_action') <> (challenge IS NOT NULL)`,
  },
  {
    says: 'something is still held at the provider for a payment that is not authorized',
    sql: `SELECT order_id::text AS what FROM payments JOIN (${ledger}) l USING (order_id)
      WHERE held <> 0 AND status NOT IN ('authorized', 'capture_refused', 'void_pending')`,
  },
  {
    says: 'a customer has spent or reserved more store credit than there was',
    sql: `SELECT customer_id AS what FROM (${credit}) c WHERE available < 0 OR held < 0 OR spent < 0`,
  },
  {
    says: 'store credit is not what was deposited less what was withdrawn and spent',
    sql: `SELECT coalesce(a.customer_id, c.customer_id) AS what FROM credit_accounts a FULL JOIN (${credit}) c USING (customer_id)
      WHERE coalesce(a.balance, 0) <> coalesce(c.paid_in - c.spent, 0)`,
  },
  {
    says: 'store credit and its ledger differ',
    sql: `SELECT coalesce(a.customer_id, c.customer_id) AS what FROM credit_accounts a FULL JOIN (${credit}) c USING (customer_id)
      WHERE coalesce(a.held, 0) <> coalesce(c.held, 0) OR coalesce(a.balance, 0) <> coalesce(c.available + c.held, 0)`,
  },
  {
    says: 'the store credit that is reserved is not that of the orders',
    sql: `SELECT coalesce(a.customer_id, p.customer_id) AS what FROM credit_accounts a
      FULL JOIN (SELECT customer_id, sum(amount) AS amount FROM credit_payments WHERE status = 'reserved' GROUP BY customer_id) p
        USING (customer_id)
      WHERE coalesce(a.held, 0) <> coalesce(p.amount, 0)`,
  },
  {
    says: 'what store credit pays of an order and its ledger differ',
    sql: `SELECT coalesce(p.order_id, l.order_id)::text AS what
      FROM credit_payments p FULL JOIN (${ledger}) l USING (order_id)
      WHERE coalesce(l.credit_held, 0) <> CASE p.status WHEN 'reserved' THEN p.amount ELSE 0 END
        OR coalesce(l.spent, 0) <> CASE p.status WHEN 'captured' THEN p.amount ELSE 0 END
        OR coalesce(l.given_back, 0) <> coalesce(p.refunded, 0)`,
  },
];

type Queries = Pick<DataSource, 'query'>;

/** The problems with the money, one sentence each; empty if all invariants hold. */
export async function paymentInvariants(dataSource: Queries): Promise<string[]> {
  const broken = await violationsOf('payment', dataSource, checks);
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
    : [
        violation(
          'payment',
          'a rejected or cancelled order does not net to zero',
          rows.map(({ what }) => what),
        ),
      ];
}
