import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { DeliveryStatus } from '../domain/delivery.ts';
import type { OrderNews, Template } from '../domain/email.ts';

@Entity('deliveries')
export class DeliveryEntity {
  @PrimaryColumn('text')
  id!: string;

  @Column('uuid')
  orderId!: string;

  @Column('text')
  template!: Template;

  @Column('text')
  recipient!: string;

  @Column('text')
  status!: DeliveryStatus;

  @Column('jsonb')
  news!: OrderNews;

  @Column('timestamptz')
  at!: Date;
}

@Entity('preferences')
export class PreferencesEntity {
  @PrimaryColumn('text')
  customerId!: string;

  @Column('boolean')
  email!: boolean;

  @Column('jsonb')
  mutedTemplates!: Template[];
}
