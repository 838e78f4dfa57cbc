import type { Digest } from '@waybill/contracts';
import { bigint, instant, states } from '@waybill/persistence';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';
import type { Delivery, DeliveryStatus, Preferences } from '../domain/delivery.ts';
import type { News, Template } from '../domain/email.ts';

/** One row per notification. */
@Entity('deliveries')
export class DeliveryEntity implements Delivery {
  @PrimaryColumn('text', { collation: 'C' }) id!: string;
  @Column({ type: 'uuid', nullable: true }) orderId!: string | null;
  @Column('text') template!: Template;
  @Column('text') recipient!: string;
  @Column('text') status!: DeliveryStatus;
  @Column('jsonb') news!: News;
  @Column(instant) at!: string;
  @VersionColumn(bigint) version!: number;
  @Column({ type: 'text', nullable: true }) customerId!: string | null;
  @Column({ type: 'text', default: 'en' }) locale!: string;
  @Column({ ...instant, nullable: true }) sentAt!: string | null;
  @Column({ ...instant, nullable: true }) readAt!: string | null;
  @Column({ type: 'text', nullable: true }) error!: string | null;
  @Column({ type: 'uuid', nullable: true }) digestId!: string | null;
  @Column({ type: 'integer', default: 0 }) resends!: number;
}
export const deliveries = states<Delivery>(DeliveryEntity);

/** One row per customer whose preferences are known. */
@Entity('preferences')
export class PreferencesEntity implements Preferences {
  @PrimaryColumn('text') customerId!: string;
  @Column('boolean') email!: boolean;
  @Column('jsonb') mutedTemplates!: Template[];
  @VersionColumn(bigint) version!: number;
  @Column({ type: 'text', default: 'en' }) locale!: string;
  @Column({ type: 'text', default: 'none' }) digest!: Digest;
}
export const preferences = states<Preferences>(PreferencesEntity);
