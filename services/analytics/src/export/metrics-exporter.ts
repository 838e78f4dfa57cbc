import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '@waybill/messaging';
import { ExportJobs, Exports, Jobs, Scheduled, type TaskRun } from '@waybill/service';
import type { AnalyticsConfig } from '../analytics.config.ts';
import type { ExportedKind } from '../domain/exported-metrics.ts';
import type { MetricExport } from '../storage/metric-export.entity.ts';
import { MetricExportRepository } from '../storage/metric-export.repository.ts';

/** Reads the windows, sessions or times of orders of requested files, in one replica at a time. */
@Injectable()
export class MetricsExporter {
  private readonly files: ExportJobs<MetricExport>;

  constructor(
    store: MetricExportRepository,
    @Inject(CLOCK) clock: Clock,
    jobs: Jobs,
    exports: Exports,
  ) {
    this.files = new ExportJobs<MetricExport>({
      store,
      clock,
      jobs,
      exports,
      begin: ({ kind }) => ({ kind: kind as ExportedKind, rows: 0, lastKey: null, lastAt: null }),
      tell: ({ id, kind, rows }) => ({
        kind: `export-${kind.replace('_', '-')}`,
        read: rows,
        counts: { rows },
        url: `/api/v1/analytics/exports/${id}/file`,
      }),
    });
  }

  @Scheduled<AnalyticsConfig>({ name: 'metric-exports', every: ({ jobsEvery }) => jobsEvery })
  work(run: TaskRun): Promise<void> {
    return this.files.work(run);
  }
}
