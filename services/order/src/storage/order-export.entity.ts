import type { ExportFormat } from '@waybill/exports';
import { bigint, instant } from '@waybill/persistence';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A file of orders, and how many of them it has so far. */
export interface OrderExport {
  readonly id: string;
  readonly format: ExportFormat;
  /** Orders placed at or after it; null for all. */
  readonly since: string | null;
  /** Orders placed before it. */
  readonly until: string;
  readonly requestedBy: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** How many orders it will have, once they were counted. */
  readonly expected: number | null;
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
