import { Inject, Injectable } from '@nestjs/common';
import { newId } from '@waybill/contracts';
import { CLOCK, type Clock } from '@waybill/messaging';
import {
  type ExportRequest,
  Exports,
  type Job,
  Jobs,
  Scheduled,
  type TaskRun,
} from '@waybill/service';
import type { AnalyticsConfig } from '../analytics.config.ts';
import type { ExportedKind } from '../domain/exported-metrics.ts';
import type { MetricExport } from '../storage/metric-export.entity.ts';
import { MetricExportRepository } from '../storage/metric-export.repository.ts';

/** Reads the rows of requested files, one file after another, in one replica at a time; another continues where it was killed. */
@Injectable()
export class MetricsExporter {
  constructor(
    private readonly exports: MetricExportRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly jobs: Jobs,
    wanted: Exports,
  ) {
    wanted.add((request, by) => this.begin(request, by));
    jobs.add(async (id) => {
      const found = await exports.find(id);
      return found && jobOf(found);
    });
  }

  private async begin(
    { kind, format, from, to }: ExportRequest,
    requestedBy: string,
  ): Promise<Job> {
    const now = this.clock.now().toISOString();
    const file: MetricExport = {
      id: newId(this.clock.now()),
      kind: kind as ExportedKind,
      format,
      since: from ?? null,
      until: to !== undefined && Date.parse(to) < Date.parse(now) ? to : now,
      requestedBy,
      startedAt: now,
      finishedAt: null,
      expected: null,
      rows: 0,
      lastKey: null,
      lastAt: null,
    };
    await this.exports.add(file);
    return this.jobs.of(jobOf(file));
  }

  @Scheduled<AnalyticsConfig>({ name: 'metric-exports', every: ({ jobsEvery }) => jobsEvery })
  async work({ lease, signal }: TaskRun): Promise<void> {
    for (let next = await this.exports.oldestOpen(); next; next = await this.exports.oldestOpen()) {
      if (next.expected === null) await this.exports.count(next);
      for (let file = next; !file.finishedAt; ) {
        if (signal.aborted) return;
        file = await this.exports.readMore(lease, file, this.clock.now());
      }
    }
  }
}

const jobOf = (file: MetricExport): Job => ({
  id: file.id,
  kind: `export-${file.kind.replace('_', '-')}`,
  state: file.finishedAt ? 'done' : 'running',
  progress: file.finishedAt ? 1 : Math.min(0.99, file.rows / Math.max(1, file.expected ?? 1)),
  url: file.finishedAt ? `/api/v1/analytics/exports/${file.id}/file` : null,
  counts: { rows: file.rows },
  requestedBy: file.requestedBy,
  startedAt: file.startedAt,
  finishedAt: file.finishedAt,
});
