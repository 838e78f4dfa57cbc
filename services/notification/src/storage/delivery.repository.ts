import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, IsNull, MoreThan, Repository, type SelectQueryBuilder } from 'typeorm';
import type { Delivery, DeliveryStatus } from '../domain/delivery.ts';
import { DeliveryEntity } from './notification.entities.ts';

/** Which deliveries are listed. */
export interface DeliveryFilter {
  readonly orderId?: string | undefined;
  readonly customerId?: string | undefined;
  readonly status?: DeliveryStatus | undefined;
}

/** The place of a delivery in a list. */
export type DeliveryPlace = Pick<Delivery, 'at' | 'id'>;

/** How a delivery ended. */
export interface Ended {
  readonly status: DeliveryStatus;
  readonly error?: string;
}

/** Reads deliveries, and writes what becomes of them. */
@Injectable()
export class DeliveryRepository {
  constructor(
    @InjectRepository(DeliveryEntity) private readonly deliveries: Repository<DeliveryEntity>,
  ) {}

  find(id: string): Promise<Delivery | null> {
    return this.deliveries.findOneBy({ id });
  }

  /** The deliveries of an order, in the order of their templates. */
  ofOrder(orderId: string): Promise<Delivery[]> {
    return this.chosen({ orderId }).orderBy('delivery.id').getMany();
  }

  /** Up to `limit` deliveries, the newest first. */
  list(
    filter: DeliveryFilter,
    after: DeliveryPlace | undefined,
    limit: number,
  ): Promise<Delivery[]> {
    const query = this.chosen(filter);
    if (after) query.andWhere('(delivery.at, delivery.id) < (:at::timestamptz, :id)', after);
    return query
      .orderBy('delivery.at', 'DESC')
      .addOrderBy('delivery.id', 'DESC')
      .limit(limit)
      .getMany();
  }

  /** Up to `limit` deliveries of a customer that are not about an order, by id. */
  aboutNoOrder(customerId: string, after: string | undefined, limit: number): Promise<Delivery[]> {
    return this.deliveries.find({
      where: {
        customerId,
        orderId: IsNull(),
        ...(after === undefined ? {} : { id: MoreThan(after) }),
      },
      order: { id: 'ASC' },
      take: limit,
    });
  }

  private chosen({
    orderId,
    customerId,
    status,
  }: DeliveryFilter): SelectQueryBuilder<DeliveryEntity> {
    const query = this.deliveries.createQueryBuilder('delivery');
    // The id begins with the order's, so its index also finds the deliveries of an order.
    if (orderId !== undefined) {
      const order = orderId.toLowerCase();
      query.andWhere('delivery.id > :from AND delivery.id < :to', {
        from: `${order}/`,
        to: `${order}0`,
      });
    }
    if (customerId !== undefined) query.andWhere({ customerId });
    if (status !== undefined) query.andWhere({ status });
    return query;
  }

  /** Ends deliveries, in the transaction of `manager`. */
  async end(
    manager: EntityManager,
    ids: readonly string[],
    { status, error }: Ended,
  ): Promise<void> {
    await manager.query(
      `UPDATE deliveries SET status = $2, error = $3, version = version + 1,
        sent_at = CASE WHEN $2 = 'sent' THEN waybill_now() ELSE sent_at END WHERE id = ANY($1)`,
      [ids, status, error ?? null],
    );
  }

  /** Marks a notification of a customer as read; false if there is none. The first time counts. */
  async markRead(id: string, customerId: string): Promise<boolean> {
    const [, count]: [unknown, number] = await this.deliveries.query(
      `UPDATE deliveries SET read_at = coalesce(read_at, waybill_now()), version = version + 1
      WHERE id = $1 AND customer_id = $2`,
      [id, customerId],
    );
    return count > 0;
  }

  /** Puts a delivery into the queue again, in the transaction of `manager`; false if it is there already, or unknown. */
  async requeue(manager: EntityManager, id: string): Promise<boolean> {
    const [, count]: [unknown, number] = await manager.query(
      `UPDATE deliveries SET status = 'queued', error = NULL, resends = resends + 1, version = version + 1
      WHERE id = $1 AND status NOT IN ('queued', 'collected')`,
      [id],
    );
    return count > 0;
  }

  /** Whether the order of a thank-you came back. */
  async isReturned(orderId: string): Promise<boolean> {
    const all = await this.ofOrder(orderId);
    return all.some(({ template }) => template === 'order-returning');
  }
}
