import type { ExportFormat } from '@waybill/exports';
import { bigint, instant } from '@waybill/persistence';
import type { ExportFile } from '@waybill/service';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ExportedKind } from '../domain/exported-metrics.ts';

/** A file of windows, sessions or times of orders, and how many rows it has so far. */
export interface MetricExport extends ExportFile {
  readonly kind: ExportedKind;
  readonly rows: number;
  /** The key of the last row that was read, and its time as the database writes it. */
  readonly lastKey: string | null;
  readonly lastAt: string | null;
}

/** One row per requested file. */
@Entity('metric_exports')
export class MetricExportEntity implements MetricExport {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') kind!: ExportedKind;
  @Column('text') format!: ExportFormat;
  @Column({ ...instant, nullable: true }) since!: string | null;
  @Column(instant) until!: string;
  @Column('text') requestedBy!: string;
  @Column(instant) startedAt!: string;
  @Column({ ...instant, nullable: true }) finishedAt!: string | null;
  @Column({ ...bigint, nullable: true }) expected!: number | null;
  @Column(bigint) rows!: number;
  @Column('text', { nullable: true }) lastKey!: string | null;
  @Column('text', { nullable: true }) lastAt!: string | null;
}
