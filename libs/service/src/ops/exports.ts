import { Injectable } from '@nestjs/common';
import { givenInstant, text } from '@waybill/contracts';
import { exportFormats } from '@waybill/exports';
import { Problem } from '@waybill/http';
import { z } from 'zod';
import type { Job } from './jobs.ts';

const fields = {
  format: z.enum(exportFormats),
  from: givenInstant.optional(),
  to: givenInstant.optional(),
};

/** Validates what an export is to contain, of these kinds. */
export const exportRequest = <K extends z.ZodType<string>>(kind: K) =>
  z
    .strictObject({ kind, ...fields })
    .refine(({ from, to }) => !from || !to || Date.parse(from) < Date.parse(to), {
      path: ['to'],
      error: 'is after from',
    });

export const anyExport = exportRequest(text(1, 100));

/** What an export is to contain: rows from `from` on and before `to`. */
export type ExportRequest = z.output<typeof anyExport>;

/** The exports of one service, wherever it runs. */
export interface ExportAccess {
  /** Begins a job whose result is a file. */
  begin(request: ExportRequest, by: string): Promise<Job>;
}

/** The exports of a service in its own process; what can export adds itself. */
@Injectable()
export class Exports implements ExportAccess {
  private exporter: ExportAccess['begin'] | null = null;

  add(begin: ExportAccess['begin']): void {
    this.exporter = begin;
  }

  async begin(request: ExportRequest, by: string): Promise<Job> {
    if (this.exporter) return this.exporter(request, by);
    throw new Problem(404, 'not_found', `there is no export of ${request.kind}`);
  }
}
