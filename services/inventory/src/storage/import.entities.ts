import { appendOnly, bigint, instant, states } from '@waybill/persistence';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';
import type { DeliveryColumn } from '../domain/delivery-line.ts';
import type { StockImport } from '../domain/stock-import.ts';

/** One row per imported file. */
@Entity('stock_imports')
export class StockImportEntity implements StockImport {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') digest!: string;
  @Column(bigint) size!: number;
  @Column('jsonb') columns!: readonly DeliveryColumn[];
  @Column(bigint) position!: number;
  @Column(bigint) line!: number;
  @Column(bigint) received!: number;
  @Column(bigint) alreadyReceived!: number;
  @Column(bigint) refused!: number;
  @Column('text') requestedBy!: string;
  @Column(instant) startedAt!: string;
  @Column({ ...instant, nullable: true }) finishedAt!: string | null;
  @VersionColumn(bigint) version!: number;
}
export const stockImports = states<StockImport>(StockImportEntity);

/** What happened to some hundred lines of a file, as lines of the report. */
export interface ImportPage {
  readonly importId: string;
  /** The number of its last line. */
  readonly line: number;
  readonly report: string;
  readonly at: string;
}

@Entity('stock_import_pages')
export class ImportPageEntity implements ImportPage {
  @PrimaryColumn('uuid') importId!: string;
  @PrimaryColumn(bigint) line!: number;
  @Column('text') report!: string;
  @Column(instant) at!: string;
}
export const importPages = appendOnly<ImportPage>(ImportPageEntity);
