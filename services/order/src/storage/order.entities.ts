import type { RejectionReason } from '@waybill/contracts';
import { Column, Entity, PrimaryColumn, type ValueTransformer } from 'typeorm';
import type { OrderContent } from '../domain/order.events.ts';
import type { Order, OrderPayment, OrderStatus } from '../domain/order.ts';
import type { CarrierFact, Shipment } from '../domain/shipment.ts';

/** PostgreSQL gives bigint as text; every one of ours is a safe integer. */
const safeInteger: ValueTransformer = { from: Number, to: (value: number) => value };

/** Instants are RFC 3339 texts everywhere in this service. */
const instant: ValueTransformer = {
  from: (read: Date | null) => read?.toISOString() ?? null,
  to: (value: string | null) => value,
};

/** The rows of the `orders` stream, for reads. */
@Entity('orders')
export class OrderEntity implements Order {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  number!: string;

  @Column('text')
  status!: OrderStatus;

  @Column('text', { nullable: true })
  reason!: RejectionReason | null;

  @Column('text', { nullable: true })
  cancelReason!: string | null;

  @Column('text')
  customerId!: string;

  @Column('bigint', { transformer: safeInteger })
  total!: number;

  @Column('text')
  currency!: string;

  @Column('jsonb')
  content!: OrderContent;

  @Column('jsonb')
  payment!: OrderPayment;

  @Column('jsonb')
  shipments!: readonly Shipment[];

  @Column('jsonb')
  early!: readonly CarrierFact[];

  @Column('timestamptz', { transformer: instant })
  placedAt!: string;

  @Column('timestamptz', { transformer: instant })
  updatedAt!: string;

  @Column('integer')
  revision!: number;
}

/** The events of all orders; `position` numbers them without gaps. */
@Entity('order_events')
export class OrderEventEntity {
  @PrimaryColumn('bigint', { transformer: safeInteger })
  position!: number;

  @Column('uuid')
  streamId!: string;

  @Column('bigint', { transformer: safeInteger })
  version!: number;

  @Column('text')
  type!: string;

  @Column('jsonb')
  data!: object;

  @Column('timestamptz', { transformer: instant })
  at!: string;

  @Column('uuid')
  messageId!: string;
}

@Entity('idempotency_keys')
export class StoredAnswerEntity {
  @PrimaryColumn('text')
  id!: string;

  @Column('text')
  bodyHash!: string;

  @Column('integer')
  status!: number;

  @Column('text')
  location!: string;

  @Column('text')
  body!: string;

  @Column('timestamptz', { transformer: instant })
  storedAt!: string;
}

@Entity('catalogue')
export class CatalogueEntity {
  @PrimaryColumn('text')
  sku!: string;

  @Column('text')
  name!: string;

  @Column('bigint', { transformer: safeInteger })
  priceAmount!: number;

  @Column('text')
  currency!: string;

  @Column('integer')
  weightGrams!: number;

  @Column('integer')
  productVersion!: number;
}
