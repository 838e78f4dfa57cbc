import { Column, Entity, PrimaryColumn, type ValueTransformer } from 'typeorm';
import type { Account, EntryKind } from '../domain/ledger.ts';
import type { DeclineReason, PaymentStatus } from '../domain/payment.ts';
import type { FlagKind } from '../domain/payment-flag.ts';

/** PostgreSQL gives bigint as text; every one of ours is a safe integer. */
const safeInteger: ValueTransformer = { from: Number, to: (value: number) => value };

@Entity('payments')
export class PaymentEntity {
  @PrimaryColumn('uuid', { name: 'order_id' })
  orderId!: string;

  @Column('uuid', { name: 'payment_id' })
  paymentId!: string;

  @Column('text')
  status!: PaymentStatus;

  @Column('text')
  provider!: string;

  @Column('text', { name: 'charge_id', nullable: true })
  chargeId!: string | null;

  @Column('text', { nullable: true })
  currency!: string | null;

  @Column('bigint', { transformer: safeInteger })
  authorized!: number;

  @Column('bigint', { transformer: safeInteger })
  captured!: number;

  @Column('bigint', { transformer: safeInteger })
  refunded!: number;

  @Column('text', { name: 'decline_reason', nullable: true })
  declineReason!: DeclineReason | null;

  @Column('text')
  detail!: string;

  @Column('timestamptz', { name: 'unsettled_since', nullable: true })
  unsettledSince!: Date | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt!: Date;
}

@Entity('payment_flags')
export class PaymentFlagEntity {
  @PrimaryColumn('text')
  id!: string;

  @Column('uuid', { name: 'order_id' })
  orderId!: string;

  @Column('text')
  flag!: FlagKind;

  @Column('text', { name: 'event_id', nullable: true })
  eventId!: string | null;

  @Column('text')
  detail!: string;

  @Column('timestamptz', { name: 'occurred_at' })
  occurredAt!: Date;

  @Column('timestamptz')
  at!: Date;
}

@Entity('refunds')
export class RefundEntity {
  @PrimaryColumn('text', { name: 'operation_id' })
  operationId!: string;

  @Column('uuid', { name: 'order_id' })
  orderId!: string;

  @Column('uuid', { name: 'refund_id' })
  refundId!: string;

  @Column('text')
  status!: 'refunded' | 'refused';

  @Column('bigint', { transformer: safeInteger })
  amount!: number;

  @Column('text')
  currency!: string;

  @Column('text')
  detail!: string;

  @Column('timestamptz')
  at!: Date;
}

@Entity('ledger_entries')
export class LedgerEntryEntity {
  @PrimaryColumn('uuid', { name: 'order_id' })
  orderId!: string;

  @PrimaryColumn('text', { name: 'operation_id' })
  operationId!: string;

  @PrimaryColumn('text')
  kind!: EntryKind;

  @PrimaryColumn('text')
  account!: Account;

  @Column('bigint', { transformer: safeInteger })
  amount!: number;

  @Column('text')
  currency!: string;

  @Column('timestamptz')
  at!: Date;
}

@Entity('provider_calls')
export class ProviderCallEntity {
  @PrimaryColumn('uuid', { name: 'order_id' })
  orderId!: string;

  @PrimaryColumn('uuid')
  id!: string;

  @Column('text', { name: 'operation_id' })
  operationId!: string;

  @Column('text')
  kind!: string;

  @Column('text')
  outcome!: string;

  @Column('bigint', { transformer: safeInteger })
  amount!: number;

  @Column('text', { name: 'charge_id', nullable: true })
  chargeId!: string | null;

  @Column('text', { nullable: true })
  reason!: string | null;

  @Column('timestamptz')
  at!: Date;
}

@Entity('provider_events')
export class ProviderEventEntity {
  @PrimaryColumn('text', { name: 'event_id' })
  eventId!: string;

  @Column('text')
  type!: string;

  @Column('uuid', { name: 'order_id' })
  orderId!: string;

  @Column('text', { name: 'operation_id' })
  operationId!: string;

  @Column('text', { name: 'charge_id' })
  chargeId!: string;

  @Column('bigint', { transformer: safeInteger })
  amount!: number;

  @Column('text')
  currency!: string;

  @Column('timestamptz')
  at!: Date;
}
