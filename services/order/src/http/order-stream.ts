import { Inject, Injectable } from '@nestjs/common';
import { badLastEventId, type EventStream, lastEventIdOf, type Wish } from '@waybill/http';
import type { Clock } from '@waybill/messaging';
import { CLOCK } from '@waybill/messaging';
import { LOGGER, type Log } from '@waybill/observability';
import type { Order } from '../domain/order.ts';
import { type Personal, viewOf } from '../messages/order.view.ts';
import type { InvoiceEntry } from '../storage/invoice.repository.ts';
import type { OrderEventEntity } from '../storage/order.entities.ts';
import { evolvedBy, OrderRepository } from '../storage/order.repository.ts';
import { OrderDocuments } from '../storage/order-documents.ts';
import { OrderSignals } from './order-signals.ts';
import { PersonalOrders } from './personal-orders.ts';

const pageSize = 100;
const againAfter = 1_000;

/**
 * Streams an order version by version. Live updates only trigger a read: every event that is sent comes from the
 * history of the order, so none is missed, repeated or out of order, however many live updates are lost.
 */
@Injectable()
export class OrderStream {
  constructor(
    private readonly orders: OrderRepository,
    private readonly documents: OrderDocuments,
    private readonly signals: OrderSignals,
    private readonly personal: PersonalOrders,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly log: Log,
  ) {}

  /** The version after which the stream begins; a reader without one gets the current order at once. */
  start(order: Order, header: string | undefined, query: string | undefined): number {
    const last = lastEventIdOf(header, query);
    if (last === undefined) return order.revision - 1;
    if (last <= order.revision) return last;
    const name = header ? 'Last-Event-ID' : 'lastEventId';
    throw badLastEventId(name, `is ahead of the order, whose version is ${order.revision}`);
  }

  /** Sends every version after `after`, existing and new ones, until the stream ends. */
  follow(orderId: string, after: number, stream: EventStream, wish: Wish): void {
    const follower = new Follower(after, stream, {
      invoices: async (order) => (await this.documents.of([order])).get(orderId) ?? [],
      personal: (order) => this.personal.of(order, wish),
      events: (known) => this.orders.events(orderId, known, pageSize),
      failed: (error, again) => {
        this.log.warn({ error, orderId }, 'a stream could not read its order; it tries again');
        return this.clock.after(againAfter, again);
      },
    });
    // Subscribes before reading, so that a change in between triggers another read.
    const forget = this.signals.receive(orderId, () => follower.look());
    stream.onBeat(() => follower.look());
    stream.onEnd(forget);
    follower.look();
  }
}

interface Source {
  /** The documents of the order as it is then. */
  invoices(order: Order): Promise<readonly InvoiceEntry[]>;
  /** Its personal data as the reader may see them. */
  personal(order: Order): Promise<Personal>;
  /** The events after a version, at most a page. */
  events(after: number): Promise<readonly OrderEventEntity[]>;
  /** Calls `again` later; the returned function cancels it. */
  failed(error: unknown, again: () => void): () => void;
}

/** One reader of one order: folds the history as it grows, and sends each new version. */
class Follower {
  private order: Order | undefined;
  private stale = false;
  private reading = false;
  private forgetRetry: () => void = () => {};

  constructor(
    private sent: number,
    private readonly stream: EventStream,
    private readonly source: Source,
  ) {
    stream.onEnd(() => this.forgetRetry());
  }

  /** Reads new events. A call during a read triggers one more read. */
  look(): void {
    this.stale = true;
    if (!this.reading) void this.read();
  }

  private async read(): Promise<void> {
    this.reading = true;
    this.forgetRetry();
    try {
      while (this.stale && this.stream.isOpen) await this.readPage();
    } catch (error) {
      if (this.stream.isOpen) this.forgetRetry = this.source.failed(error, () => this.look());
    } finally {
      this.reading = false;
    }
  }

  private async readPage(): Promise<void> {
    this.stale = false;
    const events = await this.source.events(this.order?.revision ?? 0);
    const versions = events.map((event) => this.take(event));
    if (this.order && events.length > 0) {
      const invoices = await this.source.invoices(this.order);
      const personal = await this.source.personal(this.order);
      for (const order of versions) this.send(order, invoices, personal);
    }
    if (events.length >= pageSize) this.stale = true;
  }

  private take(event: OrderEventEntity): Order {
    this.order = evolvedBy(this.order, event);
    return this.order;
  }

  private send(order: Order, invoices: readonly InvoiceEntry[], personal: Personal): void {
    if (order.revision <= this.sent) return;
    this.sent = order.revision;
    const view = viewOf(order, invoices, personal);
    this.stream.send({ id: String(order.revision), event: 'order_updated', data: view });
  }
}
