import { Injectable } from '@nestjs/common';
import { columnName, type TaskLease } from '@waybill/persistence';
import { ExportDeleted, type ExportStore } from '@waybill/service';
import { DataSource, IsNull } from 'typeorm';
import {
  type ExportedKind,
  type ExportedRow,
  exportedMetrics,
} from '../domain/exported-metrics.ts';
import { type MetricExport, MetricExportEntity } from './metric-export.entity.ts';

/** How many rows are read at once. */
const atOnce = 2_000;

interface Table {
  readonly name: string;
  /** With `at`, the place of a row. */
  readonly key: string;
  readonly keyType: 'text' | 'uuid';
  readonly at: string;
  /** The customer whom a row is about, if that customer may be forgotten with it. */
  readonly customer?: (row: ExportedRow) => string | null;
}

const text = (value: ExportedRow[string] | undefined): string | null =>
  typeof value === 'string' ? value : null;

const tables: Readonly<Record<ExportedKind, Table>> = {
  windows: {
    name: 'window_metrics',
    key: 'visitor',
    keyType: 'text',
    at: 'started_at',
    customer: ({ visitor }) => /^customer:(.*)$/.exec(text(visitor) ?? '')?.[1] ?? null,
  },
  sessions: {
    name: 'session_metrics',
    key: 'session_id',
    keyType: 'text',
    at: 'started_at',
    customer: ({ customerId }) => text(customerId),
  },
  order_times: { name: 'order_facts', key: 'order_id', keyType: 'uuid', at: 'placed_at' },
};

type Found = Record<string, unknown> & { readonly lastKey: string; readonly lastAt: string };

/** Exports of metrics: what was requested, and the rows that were read for it. */
@Injectable()
export class MetricExportRepository implements ExportStore<MetricExport> {
  constructor(private readonly dataSource: DataSource) {}

  async add(wanted: MetricExport): Promise<void> {
    await this.exports.insert(wanted);
  }

  async find(id: string): Promise<MetricExport | undefined> {
    return (await this.exports.findOneBy({ id })) ?? undefined;
  }

  /** The export that has waited longest. */
  async oldestOpen(): Promise<MetricExport | undefined> {
    const where = { finishedAt: IsNull() };
    return (await this.exports.findOne({ where, order: { startedAt: 'ASC' } })) ?? undefined;
  }

  /** Sets how many rows the export will have. */
  async count({ id, kind, since, until }: MetricExport): Promise<void> {
    const { name, at } = tables[kind];
    const [{ expected = '0' } = {}]: { expected?: string }[] = await this.dataSource.query(
      `SELECT count(*) AS expected FROM ${name} WHERE ${at} >= $1 AND ${at} < $2`,
      [since ?? '-infinity', until],
    );
    await this.exports.update({ id }, { expected: Number(expected) });
  }

  /** Reads the next rows of an export, and commits them with how far it is, unless another process has the lease. */
  async readMore(lease: TaskLease, file: MetricExport, now: Date): Promise<MetricExport> {
    const found = await this.rowsAfter(file);
    const last = found.at(-1);
    const next: MetricExport = {
      ...file,
      rows: file.rows + found.length,
      lastKey: last?.lastKey ?? file.lastKey,
      lastAt: last?.lastAt ?? file.lastAt,
      finishedAt: found.length < atOnce ? now.toISOString() : null,
    };
    await lease.transaction(async (client) => {
      if (last)
        await client.query(
          'INSERT INTO metric_export_pages (export_id, first_row, rows, at) VALUES ($1, $2, $3, $4)',
          [file.id, file.rows, JSON.stringify(found.map(rowOf(file.kind))), now],
        );
      await client.query(
        'UPDATE metric_exports SET rows = $2, last_key = $3, last_at = $4, finished_at = $5 WHERE id = $1',
        [file.id, next.rows, next.lastKey, next.lastAt, next.finishedAt],
      );
    });
    return next;
  }

  /** The rows of an export, a page at a time, without those of customers who were erased since; ends with `ExportDeleted` if pages are gone. */
  async *pages(file: MetricExport): AsyncGenerator<readonly ExportedRow[]> {
    const { id, kind } = file;
    let read = 0;
    for (let after = -1; ; ) {
      const [page]: { first: string; rows: string }[] = await this.dataSource.query(
        `SELECT first_row AS first, rows FROM metric_export_pages
          WHERE export_id = $1 AND first_row > $2 ORDER BY first_row LIMIT 1`,
        [id, after],
      );
      if (!page) break;
      const rows = JSON.parse(page.rows) as ExportedRow[];
      read += rows.length;
      yield await this.withoutErased(kind, rows);
      after = Number(page.first);
    }
    if (read < file.rows) throw new ExportDeleted(file);
  }

  private get exports() {
    return this.dataSource.getRepository(MetricExportEntity);
  }

  private rowsAfter({ kind, since, until, lastKey, lastAt }: MetricExport): Promise<Found[]> {
    const { name, key, keyType, at } = tables[kind];
    const columns = exportedMetrics[kind].map(([column]) => `${columnName(column)} AS "${column}"`);
    return this.dataSource.query(
      `SELECT ${columns.join()}, ${key}::text AS "lastKey", ${at}::text AS "lastAt" FROM ${name}
        WHERE ${at} >= $1 AND ${at} < $2 AND ($3::${keyType} IS NULL OR (${key}, ${at}) > ($3, $4::timestamptz))
        ORDER BY ${key}, ${at} LIMIT ${atOnce}`,
      [since ?? '-infinity', until, lastKey, lastAt],
    );
  }

  private async withoutErased(kind: ExportedKind, rows: readonly ExportedRow[]) {
    const { customer } = tables[kind];
    if (!customer) return rows;
    const erased: { id: string }[] = await this.dataSource.query(
      'SELECT customer_id AS id FROM erased_customers WHERE customer_id = ANY($1)',
      [rows.map(customer)],
    );
    const ids = new Set(erased.map(({ id }) => id));
    return rows.filter((row) => !ids.has(customer(row) ?? ''));
  }
}

const rowOf =
  (kind: ExportedKind) =>
  (found: Found): ExportedRow =>
    Object.fromEntries(
      exportedMetrics[kind].map(([name, type]) => [name, cellOf(type, found[name])]),
    );

function cellOf(type: 'text' | 'integer' | 'moment', value: unknown): string | number | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  return type === 'integer' ? Number(value) : String(value);
}
