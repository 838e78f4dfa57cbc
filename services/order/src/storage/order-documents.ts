import { Inject, Injectable } from '@nestjs/common';
import { within } from '@waybill/messaging';
import { LOGGER, type Log } from '@waybill/observability';
import type { Order } from '../domain/order.ts';
import { type InvoiceEntry, InvoiceRepository } from './invoice.repository.ts';
import { InvoiceWriter } from './invoice-writer.ts';

type Documents = ReadonlyMap<string, readonly InvoiceEntry[]>;

const patience = 1_000;

/** The invoices and credit notes of orders. What is not issued yet is issued first, so that a version of an order always looks the same. */
@Injectable()
export class OrderDocuments {
  constructor(
    private readonly invoices: InvoiceRepository,
    private readonly writer: InvoiceWriter,
    @Inject(LOGGER) private readonly log: Log,
  ) {}

  async of(orders: readonly Order[]): Promise<Documents> {
    const paid = orders.filter(isPaid);
    const ids = paid.map(({ id }) => id);
    const found = await this.invoices.ofOrders(ids);
    if (!paid.some((order) => isBehind(order, found.get(order.id) ?? []))) return found;
    try {
      await within(patience, this.writer.catchUp());
    } catch (error) {
      this.log.warn({ error }, 'an order is shown without its last invoice');
    }
    return this.invoices.ofOrders(ids);
  }
}

/** Whether the order was confirmed, and so has an invoice: its payment is recorded in the same commit. */
export const isPaid = ({ payment: { status } }: Order): boolean =>
  status === 'captured' || status === 'partially_refunded' || status === 'refunded';

function isBehind({ payment }: Order, documents: readonly InvoiceEntry[]): boolean {
  const notes = documents.filter(({ series }) => series === 'credit_note');
  const credited = notes.reduce((sum, { total }) => sum + total, 0);
  return documents.length === notes.length || credited < payment.refunded;
}
