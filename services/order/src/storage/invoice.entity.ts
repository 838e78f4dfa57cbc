import { bigint, instant } from '@waybill/persistence';
import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';
import type { Invoice, Series } from '../domain/invoice.ts';

/** Invoices and credit notes: one row for each event of an order that needs a document. Rows are only inserted. */
@Entity('invoices')
@Unique('invoices_in_series', ['series', 'year', 'sequence'])
@Unique('invoices_of_order', ['orderId', 'orderVersion'])
export class InvoiceEntity {
  @PrimaryColumn('text', { collation: 'C' }) readonly number!: string;
  @Column('text') readonly series!: Series;
  @Column('integer') readonly year!: number;
  /** From 1 in each series and year, without gaps. */
  @Column(bigint) readonly sequence!: number;
  @Column('uuid') readonly orderId!: string;
  /** The version of the order's event. */
  @Column(bigint) readonly orderVersion!: number;
  @Column('text') readonly customerId!: string;
  @Column(bigint) readonly total!: number;
  @Column(instant) readonly issuedAt!: string;
  @Column('jsonb') readonly document!: Invoice;
}
