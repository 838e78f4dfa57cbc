import { bigint, instant, states } from '@waybill/persistence';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';
import type { Voucher, VoucherHolder } from '../domain/voucher.ts';

/** One row per voucher; orders of every partition count their use in it. */
@Entity('vouchers')
export class VoucherEntity implements Voucher {
  @PrimaryColumn('text', { collation: 'C' }) code!: string;
  @Column('integer', { nullable: true }) percent!: number | null;
  @Column({ ...bigint, nullable: true }) amount!: number | null;
  @Column('text') currency!: string;
  @Column(bigint) minimumSubtotal!: number;
  @Column({ ...instant, nullable: true }) validFrom!: string | null;
  @Column({ ...instant, nullable: true }) validUntil!: string | null;
  @Column('integer', { nullable: true }) maxUses!: number | null;
  @Column('integer', { nullable: true }) maxUsesPerCustomer!: number | null;
  @Column('integer') uses!: number;
  @Column({ ...instant, nullable: true }) disabledAt!: string | null;
  @Column(instant) createdAt!: string;
  @VersionColumn(bigint) version!: number;
}
export const vouchers = states<Voucher>(VoucherEntity, { shared: true });

/** One row per voucher and customer who has used it; orders of one customer are in every partition. */
@Entity('voucher_holders')
export class VoucherHolderEntity implements VoucherHolder {
  @PrimaryColumn('text', { collation: 'C' }) id!: string;
  @Column('text') code!: string;
  @Column('text') customerId!: string;
  @Column('integer') uses!: number;
  @VersionColumn(bigint) version!: number;
}
export const voucherHolders = states<VoucherHolder>(VoucherHolderEntity, { shared: true });
