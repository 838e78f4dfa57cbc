import { EventStore } from '@waybill/event-store';
import { poolOf } from '@waybill/persistence';
import { type Invariant, violation, violationsOf } from '@waybill/service';
import type { DataSource } from 'typeorm';
import { orders } from './order.entities.ts';

const settled = `('confirmed', 'partially_shipped', 'shipped', 'delivered', 'returning', 'returned')`;

/** The orders that hold a voucher. */
const holding = `SELECT content->'voucher'->>'code' AS code, customer_id FROM orders
  WHERE content->'voucher' IS NOT NULL AND status NOT IN ('rejected', 'cancelled')`;

/** The events that need a document, as far as these are written: after ten seconds every one should be. */
const invoiced = `(SELECT stream_id, version, type, (data->>'amount')::bigint AS amount FROM order_events
  WHERE type IN ('confirmed', 'payment-refunded') AND (at < now() - interval '10 s'
    OR position <= (SELECT position FROM projection_checkpoint WHERE name = 'invoices')))`;

const hasReturn = (statuses: string): string =>
  `EXISTS (SELECT FROM jsonb_array_elements(returns) r WHERE r->>'status' IN (${statuses}))`;

const checks: readonly Invariant[] = [
  {
    says: 'a saga has not ended, although its order waits for nobody',
    sql: `SELECT s.id AS what FROM sagas s LEFT JOIN orders o ON o.id::text = s.key
      WHERE s.status IN ('running', 'compensating') AND o.payment->>'status' IS DISTINCT FROM 'requires_action'`,
  },
  {
    says: 'an order has no saga',
    sql: `SELECT id AS what FROM orders o
      WHERE NOT EXISTS (SELECT 1 FROM sagas s WHERE s.id = 'place-order:' || o.id)`,
  },
  {
    says: 'a saga has no order',
    sql: `SELECT id AS what FROM sagas s WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.id::text = s.key)`,
  },
  {
    says: 'the saga is settled and its order is not, or ended otherwise',
    sql: `SELECT o.id AS what FROM orders o JOIN sagas s ON s.id = 'place-order:' || o.id
        LEFT JOIN sagas c ON c.id = 'cancel-order:' || o.id
      WHERE (s.status = 'completed' AND c.status IS DISTINCT FROM 'completed' AND o.status NOT IN ${settled})
         OR (s.status = 'aborted' AND o.status NOT IN ('rejected', 'cancelled'))
         OR (c.status = 'completed' AND o.status <> 'cancelled')
         OR (c.status = 'aborted' AND o.status = 'confirmed')`,
  },
  {
    says: 'two sagas of an order ran at the same time',
    sql: `SELECT s.key AS what FROM sagas s JOIN sagas n ON n.id IN ('cancel-order:' || s.key, 'return-order:' || s.key)
      WHERE s.id = 'place-order:' || s.key AND s.status <> 'completed'`,
  },
  {
    says: 'an order was cancelled and returned',
    sql: `SELECT c.key AS what FROM sagas c JOIN sagas r ON r.id = 'return-order:' || c.key
      WHERE c.id = 'cancel-order:' || c.key AND c.status = 'completed'`,
  },
  {
    says: 'a return is open and its order does not wait for it, or it waits for none',
    sql: `SELECT id AS what FROM orders WHERE (status = 'returning') <> ${hasReturn("'authorized', 'received'")}`,
  },
  {
    says: 'the goods of a return are here and were not taken back',
    sql: `SELECT id AS what FROM orders WHERE ${hasReturn("'received'")}`,
  },
  {
    says: 'the refunds of an order are not those of its returns',
    sql: `SELECT id AS what FROM orders WHERE status <> 'cancelled' AND (payment->>'refunded')::bigint <>
      (SELECT coalesce(sum((r->>'refunded')::bigint), 0) FROM jsonb_array_elements(returns) r)`,
  },
  {
    says: 'an order is returned and not refunded in full',
    sql: `SELECT id AS what FROM orders WHERE status = 'returned' AND (payment->>'refunded')::bigint <> total`,
  },
  {
    says: 'a refund is not the sum of its parts',
    sql: `SELECT stream_id AS what FROM order_events, LATERAL (SELECT
        coalesce((SELECT sum((l->>'net')::bigint + (l->>'tax')::bigint) FROM jsonb_array_elements(data->'lines') l), 0)
        + coalesce((data->'shipping'->>'net')::bigint + (data->'shipping'->>'tax')::bigint, 0) AS amount) parts
      WHERE type = 'payment-refunded' AND data ? 'lines' AND (data->>'amount')::bigint <> parts.amount`,
  },
  {
    says: 'a cancel was requested and came to nothing',
    sql: `SELECT id AS what FROM orders WHERE cancel_reason IS NOT NULL AND status NOT IN ('cancelled', 'rejected')`,
  },
  {
    says: 'a cancelled order has no reason',
    sql: `SELECT id AS what FROM orders WHERE status = 'cancelled' AND cancel_reason IS NULL`,
  },
  {
    says: 'a rejected order has no reason',
    sql: `SELECT id AS what FROM orders WHERE status = 'rejected' AND reason IS NULL`,
  },
  {
    says: 'an order that came to nothing took money',
    sql: `SELECT id AS what FROM orders WHERE status IN ('rejected', 'cancelled')
      AND (payment->>'captured')::bigint <> (payment->>'refunded')::bigint`,
  },
  {
    says: 'an order that is settled still requires an action of its customer',
    sql: `SELECT id AS what FROM orders WHERE payment->>'status' = 'requires_action' AND status <> 'pending'`,
  },
  {
    says: 'a sold order is not paid in full',
    sql: `SELECT id AS what FROM orders WHERE status IN ${settled}
      AND (payment->>'captured')::bigint <> total`,
  },
  {
    says: 'the parts of a price do not add up to its total',
    sql: `SELECT id AS what FROM orders WHERE total <>
      (content->>'subtotal')::bigint - coalesce((content->'voucher'->>'discount')::bigint, 0) + (content->>'shippingCost')::bigint + (content->>'tax')::bigint`,
  },
  {
    says: 'the taxes of the classes do not add up',
    sql: `SELECT o.id AS what FROM orders o, LATERAL (SELECT sum((t->>'tax')::bigint) AS tax, sum((t->>'net')::bigint) AS net
        FROM jsonb_array_elements(o.content->'taxes') t) s
      WHERE o.content->'taxes' IS NOT NULL
        AND (s.tax, s.net) IS DISTINCT FROM ((o.content->>'tax')::bigint, o.total - (o.content->>'tax')::bigint)`,
  },
  {
    says: 'the discounts of the lines do not add up',
    sql: `SELECT id AS what FROM orders WHERE content->'voucher' IS NOT NULL
      AND (SELECT coalesce(sum((l->>'discount')::bigint), 0) FROM jsonb_array_elements(content->'lines') l)
        <> (content->'voucher'->>'discount')::bigint`,
  },
  {
    says: 'a voucher has other uses than orders hold it',
    sql: `SELECT code AS what FROM vouchers v FULL JOIN (SELECT code, count(*) AS n FROM (${holding}) h GROUP BY code) h USING (code)
      WHERE v.uses IS DISTINCT FROM coalesce(h.n, 0)`,
  },
  {
    says: 'a customer has other uses of a voucher than orders that hold it',
    sql: `SELECT code || ' of ' || customer_id AS what FROM voucher_holders v
      FULL JOIN (SELECT code, customer_id, count(*) AS n FROM (${holding}) h GROUP BY code, customer_id) h USING (code, customer_id)
      WHERE v.uses IS DISTINCT FROM coalesce(h.n, 0)`,
  },
  {
    says: 'the numbers of invoices or credit notes have a gap',
    sql: `SELECT series || ' ' || year AS what FROM invoices GROUP BY series, year
      HAVING count(*) <> max(sequence) OR min(sequence) <> 1`,
  },
  {
    says: 'a number is not that of its series, year and place',
    sql: `SELECT number AS what FROM invoices WHERE document->>'number' <> number OR number <>
      CASE series WHEN 'invoice' THEN '' ELSE 'C' END || year || '-' || lpad(sequence::text, greatest(6, length(sequence::text)), '0')`,
  },
  {
    says: 'a confirmed order has no invoice, or a refund no credit note',
    sql: `SELECT stream_id AS what FROM ${invoiced} e WHERE NOT EXISTS (SELECT 1 FROM invoices i
      WHERE i.order_id = e.stream_id AND i.order_version = e.version
        AND i.series = CASE e.type WHEN 'confirmed' THEN 'invoice' ELSE 'credit_note' END)`,
  },
  {
    says: 'an invoice belongs to no confirmed order, or a credit note to no refund',
    sql: `SELECT number AS what FROM invoices i WHERE NOT EXISTS (SELECT 1 FROM order_events e
      WHERE e.stream_id = i.order_id AND e.version = i.order_version
        AND e.type = CASE i.series WHEN 'invoice' THEN 'confirmed' ELSE 'payment-refunded' END)`,
  },
  {
    says: 'an invoice is not about the total of its order, or a credit note not about its refund',
    sql: `SELECT i.number AS what FROM invoices i JOIN orders o ON o.id = i.order_id
        LEFT JOIN order_events e ON e.stream_id = i.order_id AND e.version = i.order_version
      WHERE i.total IS DISTINCT FROM CASE i.series WHEN 'invoice' THEN o.total ELSE (e.data->>'amount')::bigint END`,
  },
  {
    says: 'the amounts of an invoice or a credit note do not add up',
    sql: `SELECT number AS what FROM invoices i, LATERAL (SELECT coalesce(sum((t->>'net')::bigint), 0) AS net,
        coalesce(sum((t->>'tax')::bigint), 0) AS tax FROM jsonb_array_elements(i.document->'taxes') t) s
      WHERE s.net + s.tax <> total OR (s.net, s.tax, total) IS DISTINCT FROM
        ((document->>'net')::bigint, (document->>'tax')::bigint, (document->>'total')::bigint)`,
  },
  {
    says: 'the credit notes of an invoice exceed it',
    sql: `SELECT order_id AS what FROM invoices GROUP BY order_id
      HAVING sum(total) FILTER (WHERE series = 'credit_note') > coalesce(sum(total) FILTER (WHERE series = 'invoice'), 0)`,
  },
  {
    says: 'the versions of an order have a gap',
    sql: `SELECT o.id AS what FROM orders o
      LEFT JOIN (SELECT stream_id, count(*) AS n, min(version) AS first, max(version) AS last
        FROM order_events GROUP BY stream_id) e ON e.stream_id = o.id
      WHERE e.n IS DISTINCT FROM o.version OR e.first <> 1 OR e.last <> o.version`,
  },
  {
    says: 'an event belongs to no order',
    sql: `SELECT stream_id AS what FROM order_events e WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = e.stream_id)`,
  },
  {
    says: 'the positions of the events have a gap',
    sql: `SELECT position AS what FROM (SELECT position, row_number() OVER (ORDER BY position) AS place
      FROM order_events) numbered WHERE position <> place ORDER BY position LIMIT 1`,
  },
];

/** The problems with the orders once they should be settled, one sentence each; empty if all invariants hold. */
export async function orderInvariants(dataSource: DataSource): Promise<string[]> {
  const broken = await violationsOf('order', dataSource, checks);
  const events = new EventStore({ stream: orders, pool: poolOf(dataSource) });
  const unlike = (await events.verifyFold({ pageSize: 1_000 })).map(
    ({ streamId, properties }) => `${streamId} in ${properties.join(', ')}`,
  );
  if (unlike.length > 0)
    broken.push(violation('order', 'folding the events gives another order', unlike));
  return broken;
}
