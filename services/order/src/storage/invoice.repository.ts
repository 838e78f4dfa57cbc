import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import { InvoiceEntity } from './invoice.entity.ts';

/** A document of an order, without its content. */
export type InvoiceEntry = Pick<
  InvoiceEntity,
  'number' | 'series' | 'orderId' | 'orderVersion' | 'total' | 'issuedAt'
>;

/** Reads invoices and credit notes. `InvoiceWriter` writes them. */
@Injectable()
export class InvoiceRepository {
  constructor(
    @InjectRepository(InvoiceEntity) private readonly invoices: Repository<InvoiceEntity>,
  ) {}

  async creditNote(number: string): Promise<InvoiceEntity | undefined> {
    return (await this.invoices.findOneBy({ number, series: 'credit_note' })) ?? undefined;
  }

  async invoiceOf(orderId: string): Promise<InvoiceEntity | undefined> {
    return (await this.invoices.findOneBy({ orderId, series: 'invoice' })) ?? undefined;
  }

  /** The documents of each order, in the order in which they were issued. */
  async ofOrders(ids: readonly string[]): Promise<ReadonlyMap<string, readonly InvoiceEntry[]>> {
    if (ids.length === 0) return new Map();
    const found = await this.invoices.find({
      select: {
        number: true,
        series: true,
        orderId: true,
        orderVersion: true,
        total: true,
        issuedAt: true,
      },
      where: { orderId: In([...new Set(ids)]) },
      order: { orderId: 'ASC', orderVersion: 'ASC' },
    });
    return new Map(ids.map((id) => [id, found.filter(({ orderId }) => orderId === id)]));
  }
}
