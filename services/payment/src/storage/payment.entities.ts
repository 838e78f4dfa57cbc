import { appendOnly, bigint, instant, states } from '@waybill/persistence';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';
import type { CreditAccount } from '../domain/credit-account.ts';
import type { CreditPayment, CreditPaymentStatus } from '../domain/credit-payment.ts';
import type { LedgerEntry } from '../domain/ledger.ts';
import type {
  Challenge,
  DeclineReason,
  Payment,
  PaymentStatus,
  Refund,
} from '../domain/payment.ts';
import type { FlagKind, PaymentFlag } from '../domain/payment-flag.ts';
import type { ProviderEvent } from '../domain/provider-event.ts';

/** One row per order. */
@Entity('payments')
export class PaymentEntity implements Payment {
  @PrimaryColumn('uuid') orderId!: string;
  @Column('uuid') paymentId!: string;
  @Column('text') status!: PaymentStatus;
  @Column('text') provider!: string;
  @Column('text', { nullable: true }) chargeId!: string | null;
  @Column('text', { nullable: true }) currency!: string | null;
  @Column(bigint) authorized!: number;
  @Column(bigint) captured!: number;
  @Column(bigint) refunded!: number;
  @Column('text', { nullable: true }) declineReason!: DeclineReason | null;
  @Column('text') detail!: string;
  @Column('jsonb', { nullable: true }) challenge!: Challenge | null;
  @Column({ ...instant, nullable: true }) unsettledSince!: string | null;
  @Column(instant) createdAt!: string;
  @Column(instant) updatedAt!: string;
  /** Written by releases before `payment_flags`; a later migration drops it. */
  @Column({ type: 'text', nullable: true, select: false, insert: false, update: false })
  flag!: string | null;
  @VersionColumn(bigint) version!: number;
}
export const payments = states<Payment>(PaymentEntity, {
  seldom: ['paymentId', 'provider', 'chargeId', 'currency', 'authorized', 'challenge', 'createdAt'],
});

/** Problems that an operator should look at: one row each, never changed. */
@Entity('payment_flags')
export class PaymentFlagEntity implements PaymentFlag {
  @PrimaryColumn('text', { collation: 'C' }) id!: string;
  @Column('uuid') orderId!: string;
  @Column('text') flag!: FlagKind;
  @Column('text', { nullable: true }) eventId!: string | null;
  @Column('text') detail!: string;
  @Column(instant) occurredAt!: string;
  @Column(instant) at!: string;
  @VersionColumn(bigint) version!: number;
}
export const paymentFlags = states<PaymentFlag>(PaymentFlagEntity);

/** One row per refund of an order. */
@Entity('refunds')
export class RefundEntity implements Refund {
  @PrimaryColumn('text', { collation: 'C' }) operationId!: string;
  @Column('uuid') orderId!: string;
  @Column('uuid') refundId!: string;
  @Column('text') status!: Refund['status'];
  @Column(bigint) amount!: number;
  @Column({ ...bigint, default: 0 }) credit!: number;
  @Column('text') currency!: string;
  @Column('text') detail!: string;
  @Column('integer', { default: 1 }) attempts!: number;
  @Column(instant) at!: string;
  @VersionColumn(bigint) version!: number;
}
export const refunds = states<Refund>(RefundEntity);

/** The store credit of customers, one row each; orders of every partition reserve and spend it. */
@Entity('credit_accounts')
export class CreditAccountEntity implements CreditAccount {
  @PrimaryColumn('text', { collation: 'C' }) customerId!: string;
  @Column('text') currency!: string;
  @Column(bigint) balance!: number;
  @Column(bigint) held!: number;
  @Column(instant) createdAt!: string;
  @Column(instant) updatedAt!: string;
  @VersionColumn(bigint) version!: number;
}
export const creditAccounts = states<CreditAccount>(CreditAccountEntity, { shared: true });

/** What store credit pays of an order, one row each. */
@Entity('credit_payments')
export class CreditPaymentEntity implements CreditPayment {
  @PrimaryColumn('uuid') orderId!: string;
  @Column('text') customerId!: string;
  @Column('uuid') paymentId!: string;
  @Column('text') status!: CreditPaymentStatus;
  @Column('text', { nullable: true }) currency!: string | null;
  @Column(bigint) amount!: number;
  @Column(bigint) refunded!: number;
  @Column('text') detail!: string;
  @Column(instant) createdAt!: string;
  @Column(instant) updatedAt!: string;
  @VersionColumn(bigint) version!: number;
}
export const creditPayments = states<CreditPayment>(CreditPaymentEntity);

/** Events that providers sent by webhook, by the provider's event id. */
@Entity('provider_events')
export class ProviderEventEntity implements ProviderEvent {
  @PrimaryColumn('text', { collation: 'C' }) eventId!: string;
  @Column('text') type!: ProviderEvent['type'];
  @Column('uuid') orderId!: string;
  @Column('text') operationId!: string;
  @Column('text') chargeId!: string;
  @Column(bigint) amount!: number;
  @Column('text') currency!: string;
  @Column(instant) at!: string;
  @VersionColumn(bigint) version!: number;
}
export const providerEvents = states<ProviderEvent>(ProviderEventEntity);

/** The double-entry ledger: definite results only, both sides of each transfer. */
@Entity('ledger_entries')
export class LedgerEntryEntity implements LedgerEntry {
  @Column('uuid', { nullable: true }) orderId!: string | null;
  @Column('text', { nullable: true }) customerId!: string | null;
  @PrimaryColumn('text', { collation: 'C' }) operationId!: string;
  @PrimaryColumn('text', { collation: 'C' }) kind!: LedgerEntry['kind'];
  @PrimaryColumn('text', { collation: 'C' }) account!: LedgerEntry['account'];
  @Column(bigint) amount!: number;
  @Column('text') currency!: string;
  @Column(instant) at!: string;
}
export const ledgerEntries = appendOnly<LedgerEntry>(LedgerEntryEntity);

/** The provider log: each call with its definite result. */
@Entity('provider_calls')
export class ProviderCallEntity {
  @PrimaryColumn('uuid') readonly id!: string;
  @PrimaryColumn('uuid') readonly orderId!: string;
  @Column('text') readonly operationId!: string;
  @Column('text') readonly kind!: string;
  @Column('text') readonly outcome!: string;
  @Column(bigint) readonly amount!: number;
  @Column('text', { nullable: true }) readonly chargeId!: string | null;
  @Column('text', { nullable: true }) readonly reason!: string | null;
  @Column(instant) readonly at!: string;
}
export const providerCalls = appendOnly(ProviderCallEntity);
