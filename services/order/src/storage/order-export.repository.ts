import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { TaskLease } from '@waybill/persistence';
import { ExportDeleted, type ExportStore } from '@waybill/service';
import { IsNull, Repository } from 'typeorm';
import { type ExportedOrder, exportedOrder } from '../domain/exported-order.ts';
import { OrderEntity } from './order.entities.ts';
import { type OrderExport, OrderExportEntity } from './order-export.entity.ts';

/** How many orders are read at once. */
const atOnce = 500;

/** Exports of orders: what was requested, and the orders that were read for it. */
@Injectable()
export class OrderExportRepository implements ExportStore<OrderExport> {
  constructor(
    @InjectRepository(OrderExportEntity) private readonly exports: Repository<OrderExportEntity>,
    @InjectRepository(OrderEntity) private readonly orders: Repository<OrderEntity>,
  ) {}

  async add(wanted: OrderExport): Promise<void> {
    await this.exports.insert(wanted);
  }

  async find(id: string): Promise<OrderExport | undefined> {
    return (await this.exports.findOneBy({ id })) ?? undefined;
  }

  /** The export that has waited longest. */
  async oldestOpen(): Promise<OrderExport | undefined> {
    const where = { finishedAt: IsNull() };
    return (await this.exports.findOne({ where, order: { startedAt: 'ASC' } })) ?? undefined;
  }

  /** Sets how many orders the export will have. */
  async count(file: OrderExport): Promise<void> {
    const expected = await this.chosen(file).getCount();
    await this.exports.update({ id: file.id }, { expected });
  }

  /** Reads the next orders of an export, and commits them with how far it is, unless another process has the lease. */
  async readMore(lease: TaskLease, file: OrderExport, now: Date): Promise<OrderExport> {
    const query = this.chosen(file).orderBy('placed.id').limit(atOnce);
    if (file.lastOrderId) query.andWhere('placed.id > :last', { last: file.lastOrderId });
    const found = await query.getMany();
    const last = found.at(-1);
    const next: OrderExport = {
      ...file,
      orders: file.orders + found.length,
      lastOrderId: last?.id ?? file.lastOrderId,
      finishedAt: found.length < atOnce ? now.toISOString() : null,
    };
    await lease.transaction(async (client) => {
      if (last) {
        await client.query(
          'insert into order_export_pages (export_id, last_order_id, orders, at) values ($1, $2, $3, $4)',
          [file.id, last.id, JSON.stringify(found.map(exportedOrder)), now],
        );
      }
      await client.query(
        'update order_exports set orders = $2, last_order_id = $3, finished_at = $4 where id = $1',
        [file.id, next.orders, next.lastOrderId, next.finishedAt],
      );
    });
    return next;
  }

  /** The orders of an export, a page at a time; ends with `ExportDeleted` if pages are gone. */
  async *pages(file: OrderExport): AsyncGenerator<readonly ExportedOrder[]> {
    let read = 0;
    for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
      const [page]: { last: string; orders: string }[] = await this.exports.query(
        `select last_order_id as last, orders from order_export_pages
        where export_id = $1 and last_order_id > $2 order by last_order_id limit 1`,
        [file.id, after],
      );
      if (!page) break;
      const orders = JSON.parse(page.orders) as ExportedOrder[];
      read += orders.length;
      yield orders;
      after = page.last;
    }
    if (read < file.orders) throw new ExportDeleted(file);
  }

  private chosen({ since, until }: OrderExport) {
    const query = this.orders
      .createQueryBuilder('placed')
      .where('placed.placedAt < :until', { until });
    return since ? query.andWhere('placed.placedAt >= :since', { since }) : query;
  }
}
