import { instant } from '@waybill/persistence';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { DisabledReason, Webhook, WebhookEvent, WebhookScheme } from '../domain/webhook.ts';
import type {
  Attempt,
  WebhookDelivery,
  WebhookDeliveryStatus,
} from '../domain/webhook-delivery.ts';

const optional = { ...instant, nullable: true } as const;

/** One row per webhook. */
@Entity('webhooks')
export class WebhookEntity implements Webhook {
  @PrimaryColumn('uuid') id!: string;
  @Column('text', { nullable: true }) customerId!: string | null;
  @Column('text') url!: string;
  @Column('text') description!: string;
  @Column('jsonb') events!: readonly WebhookEvent[];
  @Column('text') scheme!: WebhookScheme;
  @Column('text', { nullable: true }) disabledReason!: DisabledReason | null;
  @Column('text') secret!: string;
  @Column('text', { nullable: true }) previousSecret!: string | null;
  @Column(optional) previousSecretUntil!: string | null;
  @Column('integer') failures!: number;
  @Column(optional) failingSince!: string | null;
  @Column(optional) pausedUntil!: string | null;
  @Column(instant) createdAt!: string;
  @Column(instant) updatedAt!: string;
  @Column(instant) activeSince!: string;
}

/** One row per event and webhook. */
@Entity('webhook_deliveries')
export class WebhookDeliveryEntity implements WebhookDelivery {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') webhookId!: string;
  @Column('text', { nullable: true }) messageId!: string | null;
  @Column('text') type!: string;
  @Column('text') body!: string;
  @Column('text') status!: WebhookDeliveryStatus;
  @Column('integer') failures!: number;
  @Column(instant) dueAt!: string;
  @Column('jsonb') attempts!: readonly Attempt[];
  @Column(instant) at!: string;
}
