import type { RejectionReason, TaxClass } from '@waybill/contracts';
import { bigint, instant, states, stream } from '@waybill/persistence';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';
import type { OrderContent, OrderEvent } from '../domain/order.events.ts';
import { evolve, type Order, type OrderStatus } from '../domain/order.ts';
import type { OrderPayment } from '../domain/order-payment.ts';
import type { OrderStage } from '../domain/order-stage.ts';
import type { CatalogueItem } from '../domain/pricing.ts';
import type { OrderReturn } from '../domain/return.ts';
import type { CarrierFact, Shipment } from '../domain/shipment.ts';
import { stage } from './migrations/1795960000002-hot-orders.ts';

/** The folded orders, which `GET /orders/{id}` returns. */
@Entity('orders')
export class OrderEntity implements Order {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') number!: string;
  @Column('text') status!: OrderStatus;
  @Column('text', { nullable: true }) reason!: RejectionReason | null;
  @Column('text', { nullable: true }) cancelReason!: string | null;
  @Column('text') customerId!: string;
  @Column(bigint) total!: number;
  @Column('text') currency!: string;
  @Column('jsonb') content!: OrderContent;
  @Column('jsonb') payment!: OrderPayment;
  @Column('jsonb') shipments!: readonly Shipment[];
  @Column('jsonb') early!: readonly CarrierFact[];
  @Column('boolean', { default: false }) disputed!: boolean;
  @Column('jsonb', { default: [] }) returns!: readonly OrderReturn[];
  @Column(instant) placedAt!: string;
  @Column(instant) updatedAt!: string;
  @Column('integer') revision!: number;
  @Column({ type: 'text', generatedType: 'STORED', asExpression: stage, select: false })
  stage!: OrderStage;
  @VersionColumn(bigint) version!: number;
}

/** The events of all orders; `position` numbers them without gaps. */
@Entity('order_events')
export class OrderEventEntity {
  @Column({ ...bigint, unique: true }) position!: number;
  @PrimaryColumn('uuid') streamId!: string;
  @PrimaryColumn(bigint) version!: number;
  @Column('text') type!: string;
  @Column('jsonb') data!: object;
  @Column(instant) at!: string;
  @Column('uuid') messageId!: string;
}

export const orders = stream<Order, OrderEvent>(OrderEntity, OrderEventEntity, {
  evolve,
  seldom: [
    'number',
    'customerId',
    'total',
    'currency',
    'content',
    'disputed',
    'placedAt',
    'returns',
  ],
});

/** The service's copy of inventory's products, for prices. */
@Entity('catalogue')
export class CatalogueEntity implements CatalogueItem {
  @PrimaryColumn('text', { collation: 'C' }) sku!: string;
  @Column('text') name!: string;
  @Column(bigint) priceAmount!: number;
  @Column('text') currency!: string;
  @Column('integer') weightGrams!: number;
  @Column('text', { default: 'standard' }) taxClass!: TaxClass;
  @Column('integer') productVersion!: number;
  @Column('boolean', { default: false }) withdrawn!: boolean;
  @VersionColumn(bigint) version!: number;
}
export const catalogue = states<CatalogueItem>(CatalogueEntity);
