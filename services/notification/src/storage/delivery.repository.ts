import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, MoreThan, Repository } from 'typeorm';
import { type Delivery, deliveryId } from '../domain/delivery.ts';
import { templates } from '../domain/email.ts';
import { DeliveryEntity } from './notification.entities.ts';

const byId = { id: 'ASC' } as const;

/** Reads deliveries. */
@Injectable()
export class DeliveryRepository {
  constructor(
    @InjectRepository(DeliveryEntity) private readonly deliveries: Repository<DeliveryEntity>,
  ) {}

  /** The deliveries of an order, in the order of their templates. */
  ofOrder(orderId: string): Promise<Delivery[]> {
    const ids = templates.map((template) => deliveryId(orderId, template));
    return this.deliveries.find({ where: { id: In(ids) }, order: byId });
  }

  /** Up to `limit` deliveries by id, which is the order in which orders were placed. */
  list(after: string | undefined, limit: number): Promise<Delivery[]> {
    const where = after === undefined ? {} : { id: MoreThan(after) };
    return this.deliveries.find({ where, take: limit, order: byId });
  }
}
