import type { ShippingMethod } from '@waybill/contracts';
import { bigint, instant, states } from '@waybill/persistence';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';
import type {
  Fact,
  Parcel,
  RefusalReason,
  Shipment,
  ShipmentStatus,
  StoredAddress,
  Tried,
} from '../domain/shipment.ts';
import { unappliedWithReturns } from './unapplied-facts.ts';

/** One row per parcel, kept for good, because it makes repeated commands harmless. */
@Entity('shipments')
export class ShipmentEntity implements Shipment {
  @PrimaryColumn('uuid') orderId!: string;
  @Column('uuid') id!: string;
  @Column('jsonb', { nullable: true }) parcel!: Parcel | null;
  @Column('text', { nullable: true }) customerId!: string | null;
  @Column('text') status!: ShipmentStatus;
  @Column('jsonb', { nullable: true }) address!: StoredAddress | null;
  @Column('text', { nullable: true }) method!: ShippingMethod | null;
  @Column({ ...bigint, nullable: true }) weightGrams!: number | null;
  @Column('text', { nullable: true }) carrier!: string | null;
  @Column('jsonb') candidates!: string[];
  @Column('jsonb', { default: [] }) tried!: Tried[];
  @Column('text', { nullable: true }) trackingNumber!: string | null;
  @Column({ ...bigint, nullable: true }) costAmount!: number | null;
  @Column('text', { nullable: true }) costCurrency!: string | null;
  @Column('text', { nullable: true }) refusal!: string | null;
  @Column('text', { nullable: true }) refusalReason!: RefusalReason | null;
  @Column('jsonb') facts!: Fact[];
  @Column(instant) since!: string;
  @Column(instant) updatedAt!: string;
  @Column({
    type: 'boolean',
    generatedType: 'STORED',
    asExpression: unappliedWithReturns,
    select: false,
  })
  hasUnappliedFacts!: boolean;
  @VersionColumn(bigint) version!: number;
}
export const shipments = states<Shipment>(ShipmentEntity, {
  seldom: ['id', 'parcel', 'customerId', 'address', 'method', 'weightGrams', 'since'],
});
