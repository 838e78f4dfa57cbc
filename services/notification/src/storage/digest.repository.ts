import { Injectable } from '@nestjs/common';
import { newId } from '@waybill/contracts';
import { DataSource, type EntityManager } from 'typeorm';
import type { Delivery } from '../domain/delivery.ts';
import { DeliveryEntity } from './notification.entities.ts';

/** The notifications of one digest. */
export interface PutTogether {
  readonly id: string;
  readonly deliveries: readonly Delivery[];
}

/** Puts notifications together to digests. */
@Injectable()
export class DigestRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** How many notifications of each customer wait for a digest. */
  async waiting(
    manager: EntityManager,
    customerIds: readonly string[],
  ): Promise<ReadonlyMap<string, number>> {
    const rows: { id: string; count: number }[] = await manager.query(
      `SELECT customer_id AS id, count(*)::integer AS count FROM deliveries
      WHERE status = 'collected' AND digest_id IS NULL AND customer_id = ANY($1) GROUP BY customer_id`,
      [customerIds],
    );
    return new Map(rows.map(({ id, count }) => [id, count]));
  }

  /**
   * The next digest of a customer, with at most `size` notifications; undefined if nothing waits. It is stored which they are, so that
   * after a crash the same digest is sent again, not another one with some of the same notifications.
   */
  async next(customerId: string, size: number): Promise<PutTogether | undefined> {
    const id = (await this.open(customerId)) ?? (await this.begin(customerId, size));
    if (id === undefined) return undefined;
    const found = await this.dataSource
      .getRepository(DeliveryEntity)
      .find({ where: { digestId: id, status: 'collected' }, order: { at: 'ASC', id: 'ASC' } });
    return { id, deliveries: found };
  }

  private async open(customerId: string): Promise<string | undefined> {
    const [row]: { id: string }[] = await this.dataSource.query(
      `SELECT digest_id AS id FROM deliveries
      WHERE status = 'collected' AND customer_id = $1 AND digest_id IS NOT NULL LIMIT 1`,
      [customerId],
    );
    return row?.id;
  }

  private async begin(customerId: string, size: number): Promise<string | undefined> {
    const id = newId();
    const [, count]: [unknown, number] = await this.dataSource.query(
      `UPDATE deliveries SET digest_id = $1, version = version + 1 WHERE id IN (
        SELECT id FROM deliveries WHERE status = 'collected' AND customer_id = $2 AND digest_id IS NULL
        ORDER BY at, id LIMIT $3 FOR UPDATE)`,
      [id, customerId, size],
    );
    return count > 0 ? id : undefined;
  }
}
