import type { ExportFormat } from '@waybill/exports';
import { bigint, instant } from '@waybill/persistence';
import type { ExportFile } from '@waybill/service';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A file of orders, and how many of them it has so far. */
export interface OrderExport extends ExportFile {
  readonly orders: number;
  readonly lastOrderId: string | null;
}

/** One row per requested file. */
@Entity('order_exports')
export class OrderExportEntity implements OrderExport {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') format!: ExportFormat;
  @Column({ ...instant, nullable: true }) since!: string | null;
  @Column(instant) until!: string;
  @Column('text') requestedBy!: string;
  @Column(instant) startedAt!: string;
  @Column({ ...instant, nullable: true }) finishedAt!: string | null;
  @Column({ ...bigint, nullable: true }) expected!: number | null;
  @Column(bigint) orders!: number;
  @Column('uuid', { nullable: true }) lastOrderId!: string | null;
}
