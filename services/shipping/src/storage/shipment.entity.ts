import type { Address, ShippingMethod } from '@waybill/contracts';
import { Column, Entity, PrimaryColumn, type ValueTransformer } from 'typeorm';
import type { Fact, RefusalReason, ShipmentStatus, Tried } from '../domain/shipment.ts';

/** PostgreSQL gives bigint as text; every one of ours is a safe integer. */
const safeInteger: ValueTransformer = {
  from: (text: string | null) => (text === null ? null : Number(text)),
  to: (value: number | null) => value,
};

@Entity('shipments')
export class ShipmentEntity {
  @PrimaryColumn('uuid')
  orderId!: string;

  @Column('uuid')
  id!: string;

  @Column('text', { nullable: true })
  customerId!: string | null;

  @Column('text')
  status!: ShipmentStatus;

  @Column('jsonb', { nullable: true })
  address!: Address | null;

  @Column('text', { nullable: true })
  method!: ShippingMethod | null;

  @Column('bigint', { nullable: true, transformer: safeInteger })
  weightGrams!: number | null;

  @Column('text', { nullable: true })
  carrier!: string | null;

  @Column('jsonb')
  tried!: Tried[];

  @Column('text', { nullable: true })
  trackingNumber!: string | null;

  @Column('bigint', { nullable: true, transformer: safeInteger })
  costAmount!: number | null;

  @Column('text', { nullable: true })
  costCurrency!: string | null;

  @Column('text', { nullable: true })
  refusal!: string | null;

  @Column('text', { nullable: true })
  refusalReason!: RefusalReason | null;

  @Column('jsonb')
  facts!: Fact[];

  @Column('timestamptz')
  since!: Date;

  @Column('timestamptz')
  updatedAt!: Date;
}
