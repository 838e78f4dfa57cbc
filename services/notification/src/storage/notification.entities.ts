import { bigint, instant, states } from '@waybill/persistence';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';
import type { Delivery, DeliveryStatus, Preferences } from '../domain/delivery.ts';
import type { OrderNews, Template } from '../domain/email.ts';

/** One row per e-mail. */
@Entity('deliveries')
export class DeliveryEntity implements Delivery {
  @PrimaryColumn('text', { collation: 'C' }) id!: string;
  @Column('uuid') orderId!: string;
  @Column('text') template!: Template;
  @Column('text') recipient!: string;
  @Column('text') status!: DeliveryStatus;
  @Column('jsonb') news!: OrderNews;
  @Column(instant) at!: string;
  @VersionColumn(bigint) version!: number;
}
export const deliveries = states<Delivery>(DeliveryEntity);

/** One row per customer whose preferences differ from the default. */
@Entity('preferences')
export class PreferencesEntity implements Preferences {
  @PrimaryColumn('text') customerId!: string;
  @Column('boolean') email!: boolean;
  @Column('jsonb') mutedTemplates!: Template[];
  @VersionColumn(bigint) version!: number;
}
export const preferences = states<Preferences>(PreferencesEntity);
