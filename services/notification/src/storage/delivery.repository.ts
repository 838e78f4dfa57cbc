import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type FindManyOptions, In, MoreThan, Repository } from 'typeorm';
import { type DeliveryStatus, deliveryId } from '../domain/delivery.ts';
import { renderEmail, type Template, templates } from '../domain/email.ts';
import { DeliveryEntity } from './notification.entities.ts';

/** An e-mail as shown to operators, rendered. */
export interface DeliveryView {
  readonly id: string;
  readonly orderId: string;
  readonly channel: 'email';
  readonly template: Template;
  readonly recipient: string;
  readonly status: DeliveryStatus;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly at: string;
}

/** Reads deliveries. E-mails are rendered when they are read. */
@Injectable()
export class DeliveryRepository {
  constructor(
    @InjectRepository(DeliveryEntity) private readonly deliveries: Repository<DeliveryEntity>,
  ) {}

  /** The deliveries of an order, in the order of their templates. */
  async ofOrder(orderId: string): Promise<DeliveryView[]> {
    const ids = templates.map((template) => deliveryId(orderId, template));
    return this.find({ where: { id: In(ids) } });
  }

  /** Up to `limit` deliveries by id, which is the order in which orders were placed. */
  async list(after: string | undefined, limit: number): Promise<DeliveryView[]> {
    return this.find({ where: after === undefined ? {} : { id: MoreThan(after) }, take: limit });
  }

  private async find(options: FindManyOptions<DeliveryEntity>): Promise<DeliveryView[]> {
    const found = await this.deliveries.find({ ...options, order: { id: 'ASC' } });
    return found.map(viewOf);
  }
}

const viewOf = ({ id, orderId, template, recipient, status, news, at }: DeliveryEntity) => ({
  id,
  orderId,
  channel: 'email' as const,
  template,
  recipient,
  status,
  ...renderEmail(template, news),
  at,
});
