import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { EventStore, Projection, type Queryable, type StoredEvent } from '@waybill/event-store';
import { CLOCK, type Clock } from '@waybill/messaging';
import { LOGGER, type Log } from '@waybill/observability';
import { poolOf } from '@waybill/persistence';
import { CONFIG, Projections } from '@waybill/service';
import { DataSource } from 'typeorm';
import { creditNoteOf } from '../domain/credit-note.ts';
import { type Invoice, type Issue, invoiceNumber, invoiceOf } from '../domain/invoice.ts';
import type { OrderEvent } from '../domain/order.events.ts';
import type { Order } from '../domain/order.ts';
import { type ShopCalendar, shopCalendar } from '../domain/shop-calendar.ts';
import type { OrderConfig } from '../order.config.ts';
import { InvoiceBatch } from './invoice-batch.ts';
import { orders } from './order.entities.ts';

/**
 * Issues an invoice for each order that was confirmed and a credit note for each refund, a moment later: a projection of the
 * events of all orders. Of several replicas one writes at a time, so numbers follow each other without a lock in the commits
 * of orders; and documents, numbers and the position reached are one transaction, so a crash leaves no gap.
 */
@Injectable()
export class InvoiceWriter implements OnApplicationBootstrap, OnApplicationShutdown {
  private started: Projection<OrderEvent> | undefined;
  private catching: Promise<void> | undefined;
  private next: Promise<void> | undefined;
  private readonly dayOf: ShopCalendar;

  constructor(
    private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: OrderConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly log: Log,
    projections: Projections,
  ) {
    this.dayOf = shopCalendar(config.timeZone);
    projections.add('invoices', () => ({
      status: () => this.projection.status(),
      notRebuildable: 'numbers are issued once',
    }));
  }

  onApplicationBootstrap(): void {
    this.projection.start(this.clock, {
      every: 1_000,
      onTrouble: (error) => this.log.warn({ error }, 'no invoices can be issued now'),
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.started?.stop();
  }

  /** Resolves when everything that happened before the call is invoiced. Concurrent calls share a transaction. */
  catchUp(): Promise<void> {
    if (!this.catching) return this.catchUpNow();
    // One that has begun may have read before.
    this.next ??= this.catching
      .catch(() => undefined)
      .then(() => {
        this.next = undefined;
        return this.catchUpNow();
      });
    return this.next;
  }

  private catchUpNow(): Promise<void> {
    this.catching = this.projection.catchUp().then(() => undefined);
    const over = (): void => {
      this.catching = undefined;
    };
    void this.catching.then(over, over);
    return this.catching;
  }

  /** Made on first use, when the pool exists. */
  private get projection(): Projection<OrderEvent> {
    this.started ??= this.newProjection();
    return this.started;
  }

  private newProjection(): Projection<OrderEvent> {
    const pool = poolOf(this.dataSource);
    const store = new EventStore<Order, OrderEvent>({ stream: orders, pool });
    return new Projection({
      name: 'invoices',
      events: {
        readAll: (after, limit, on) =>
          store.readAll(after, limit, on, ['confirmed', 'payment-refunded']),
      },
      pool,
      apply: (client, events) => this.issueAll(client, events),
    });
  }

  private async issueAll(
    client: Queryable,
    events: readonly StoredEvent<OrderEvent>[],
  ): Promise<void> {
    const batch = await InvoiceBatch.of(
      client,
      events.map(({ streamId }) => streamId),
    );
    for (const stored of events) await this.issue(batch, stored);
    await batch.insert();
  }

  private async issue(batch: InvoiceBatch, stored: StoredEvent<OrderEvent>): Promise<void> {
    const { event, at, streamId } = stored;
    const order = batch.order(streamId);
    const [invoice] = batch.issuedFor(streamId);
    const issuedOn = this.dayOf(at);
    const issue = async (
      series: Invoice['series'],
      document: (issue: Issue) => Invoice,
    ): Promise<void> => {
      const year = Number(issuedOn.slice(0, 4));
      const sequence = await batch.next(series, year);
      const number = invoiceNumber(series, year, sequence);
      batch.add({ stored, order, year, sequence, document: document({ number, issuedOn }) });
    };
    if (event.type === 'confirmed') {
      const orderedOn = this.dayOf(order.placedAt);
      await issue('invoice', (its) => invoiceOf(order, orderedOn, this.config.seller, its));
    }
    if (event.type === 'payment-refunded' && invoice) {
      await issue('credit_note', (its) => creditNoteOf(invoice, event.data, its));
    }
  }
}
