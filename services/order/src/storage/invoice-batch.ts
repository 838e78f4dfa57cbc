import type { Queryable, StoredEvent } from '@waybill/event-store';
import type { Invoice, Series } from '../domain/invoice.ts';
import type { OrderContent, OrderPlacement } from '../domain/order.events.ts';

interface InvoicedOrder extends OrderPlacement {
  readonly placedAt: string;
}

interface NewInvoice {
  readonly stored: StoredEvent;
  readonly order: InvoicedOrder;
  readonly year: number;
  readonly sequence: number;
  readonly document: Invoice;
}

/** The documents that one transaction issues; the caller is the only writer, and holds the transaction. */
export class InvoiceBatch {
  private readonly added: NewInvoice[] = [];
  private readonly last = new Map<string, number>();

  private constructor(
    private readonly client: Queryable,
    private readonly orders: ReadonlyMap<string, InvoicedOrder>,
    private readonly issued: Map<string, readonly Invoice[]>,
  ) {}

  /** A batch about events of these orders. */
  static async of(client: Queryable, orderIds: readonly string[]): Promise<InvoiceBatch> {
    return new InvoiceBatch(
      client,
      await ordersIn(client, orderIds),
      await documentsIn(client, orderIds),
    );
  }

  order(id: string): InvoicedOrder {
    const found = this.orders.get(id);
    if (!found) throw new Error(`order ${id} has events and does not exist`);
    return found;
  }

  /** The documents of an order, its invoice first; those added here are included. */
  issuedFor(orderId: string): readonly Invoice[] {
    return this.issued.get(orderId) ?? [];
  }

  /** The next number of a series in a year. */
  async next(series: Series, year: number): Promise<number> {
    const key = `${series}/${year}`;
    const number = (this.last.get(key) ?? (await this.lastStored(series, year))) + 1;
    this.last.set(key, number);
    return number;
  }

  add(invoice: NewInvoice): void {
    const { streamId } = invoice.stored;
    this.added.push(invoice);
    this.issued.set(streamId, [...this.issuedFor(streamId), invoice.document]);
  }

  async insert(): Promise<void> {
    if (this.added.length === 0) return;
    const rows = this.added.map(({ stored, order, year, sequence, document }) => ({
      number: document.number,
      series: document.series,
      year,
      sequence,
      order_id: stored.streamId,
      order_version: stored.version,
      customer_id: order.customerId,
      total: document.total,
      issued_at: stored.at,
      document,
    }));
    await this.client.query(
      `INSERT INTO invoices (${columns}) SELECT ${columns} FROM jsonb_populate_recordset(NULL::invoices, $1::jsonb)`,
      [JSON.stringify(rows)],
    );
  }

  private async lastStored(series: Series, year: number): Promise<number> {
    const { rows } = await this.client.query<{ last: string }>(
      'SELECT coalesce(max(sequence), 0) AS last FROM invoices WHERE series = $1 AND year = $2',
      [series, year],
    );
    return Number(rows[0]?.last);
  }
}

const columns =
  'number, series, year, sequence, order_id, order_version, customer_id, total, issued_at, document';

async function ordersIn(
  client: Queryable,
  ids: readonly string[],
): Promise<Map<string, InvoicedOrder>> {
  const { rows } = await client.query<OrderRow>(
    `SELECT id, number, customer_id AS "customerId", total, currency, content, placed_at AS "placedAt"
     FROM orders WHERE id = ANY($1)`,
    [ids],
  );
  return new Map(
    rows.map(({ id, total, placedAt, ...row }) => [
      id,
      { ...row, total: Number(total), placedAt: placedAt.toISOString() },
    ]),
  );
}

/** The columns that never change after placing, so it does not matter that the order has moved on. */
interface OrderRow {
  readonly id: string;
  readonly number: string;
  readonly customerId: string;
  readonly total: string;
  readonly currency: string;
  readonly content: OrderContent;
  readonly placedAt: Date;
}

async function documentsIn(
  client: Queryable,
  orderIds: readonly string[],
): Promise<Map<string, readonly Invoice[]>> {
  const { rows } = await client.query<{ order_id: string; documents: Invoice[] }>(
    `SELECT order_id, jsonb_agg(document ORDER BY order_version) AS documents
     FROM invoices WHERE order_id = ANY($1) GROUP BY order_id`,
    [orderIds],
  );
  return new Map(rows.map(({ order_id, documents }) => [order_id, documents]));
}
