import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, LessThanOrEqual, MoreThan, Repository } from 'typeorm';
import type { OrderEvent } from '../domain/order.events.ts';
import { evolve, type Order, type OrderStatus } from '../domain/order.ts';
import { stageOf } from '../domain/order-stage.ts';
import { OrderEntity, OrderEventEntity } from './order.entities.ts';

export interface OrderFilter {
  /** Only orders of this customer. */
  readonly customerId?: string | undefined;
  readonly status?: OrderStatus | undefined;
  /** Only orders placed before this one. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** One event of an order, with the order's current state. */
export interface OrderChange {
  readonly event: OrderEventEntity;
  readonly order: Order;
}

/** Reads orders and their events. All writes go through the consumer's commits. */
@Injectable()
export class OrderRepository {
  constructor(
    @InjectRepository(OrderEntity) private readonly orders: Repository<OrderEntity>,
    @InjectRepository(OrderEventEntity) private readonly stored: Repository<OrderEventEntity>,
  ) {}

  async find(id: string): Promise<Order | undefined> {
    return (await this.orders.findOneBy({ id })) ?? undefined;
  }

  /** The order as it was at a version, folded from its events; undefined if it has not reached that version. */
  async asOf(id: string, version: number): Promise<Order | undefined> {
    const events = await this.stored.find({
      where: { streamId: id, version: LessThanOrEqual(version) },
      order: { version: 'ASC' },
    });
    const order = events.reduce<Order | undefined>(evolvedBy, undefined);
    return order?.revision === version ? order : undefined;
  }

  async findByReturn(returnId: string): Promise<Order | undefined> {
    const found = await this.orders
      .createQueryBuilder('owner')
      .where(`owner.returns @> :named AND owner.returns <> '[]'`, {
        named: JSON.stringify([{ id: returnId }]),
      })
      .getOne();
    return found ?? undefined;
  }

  /** The newest first. */
  list({ customerId, status, before, limit }: OrderFilter): Promise<Order[]> {
    return this.orders.find({
      where: {
        ...(customerId === undefined ? {} : { customerId }),
        ...(status === undefined ? {} : inStatus(status)),
        ...(before === undefined ? {} : { id: LessThan(before) }),
      },
      order: { id: 'DESC' },
      take: limit,
    });
  }

  /** The events of one order after a version, in order. */
  events(id: string, after: number, limit: number): Promise<OrderEventEntity[]> {
    return this.stored.find({
      where: { streamId: id, version: MoreThan(after) },
      order: { version: 'ASC' },
      take: limit,
    });
  }

  /**
   * Every change after a position, ascending. Positions become visible in order, because one writer at a time holds
   * the head: after reading N, no new change appears at or below N. Filters apply to the current state of the orders.
   */
  async changes(
    after: number,
    limit: number,
    { customerId, status }: Pick<OrderFilter, 'customerId' | 'status'> = {},
  ): Promise<OrderChange[]> {
    const query = this.stored
      .createQueryBuilder('event')
      .innerJoinAndMapOne('event.order', OrderEntity, 'owner', 'owner.id = event.streamId')
      .where('event.position > :after', { after })
      .orderBy('event.position')
      .limit(limit);
    if (customerId !== undefined) query.andWhere('owner.customerId = :customerId', { customerId });
    if (status !== undefined) query.andWhere('owner.status = :status', { status });
    const found = (await query.getMany()) as (OrderEventEntity & { order: OrderEntity })[];
    return found.map(({ order, ...event }) => ({ event, order }));
  }
}

/** The order after one of its stored events. */
export const evolvedBy = (
  order: Order | undefined,
  { streamId: id, type, data, at, version }: OrderEventEntity,
): Order => evolve(order, { type, data } as OrderEvent, { id, at, version });

/** The stage has an index, the status has none. */
const inStatus = (status: OrderStatus) => ({ status, stage: stageOf(status) });
