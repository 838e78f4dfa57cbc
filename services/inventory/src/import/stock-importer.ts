import { Injectable } from '@nestjs/common';
import { derivedId } from '@waybill/contracts';
import { Submitter } from '@waybill/messaging';
import { type Job, Jobs, Scheduled, type TaskRun } from '@waybill/service';
import { isRefused } from '../domain/delivery-line.ts';
import type { StockImport } from '../domain/stock-import.ts';
import type { InventoryConfig } from '../inventory.config.ts';
import { TakeDeliveriesIn } from '../messages/import.local.ts';
import { StockImportRepository } from '../storage/stock-import.repository.ts';
import { type ImportPart, importParts } from './import-parts.ts';

const noTime = '00000000-0000-7000-8000-000000000000';
/** Milliseconds for the commit of a part. */
const deadline = 60_000;

/**
 * Works through the stored files, one after another, in one replica at a time. A replica that takes over continues at the
 * position that was committed, and a part that two replicas send takes effect once.
 */
@Injectable()
export class StockImporter {
  constructor(
    private readonly imports: StockImportRepository,
    private readonly submitter: Submitter,
    jobs: Jobs,
  ) {
    jobs.add(async (id) => {
      const found = await imports.find(id);
      return found && jobOf(found);
    });
  }

  @Scheduled<InventoryConfig>({ name: 'stock-imports', every: ({ jobsEvery }) => jobsEvery })
  async work({ signal }: TaskRun): Promise<void> {
    for (let next = await this.imports.oldestOpen(); next; next = await this.imports.oldestOpen()) {
      await this.takeIn(next, signal);
      if (signal.aborted) return;
      await this.imports.forget(next.id);
    }
  }

  private async takeIn(file: StockImport, signal: AbortSignal): Promise<void> {
    const bytes = this.imports.bytesFrom(file.id, file.position);
    let { position } = file;
    for await (const part of importParts(bytes, file, file.columns)) {
      if (signal.aborted) return;
      await this.submitter.submit(takeIn(file.id, position, part), { deadline });
      position = part.end;
    }
  }
}

const takeIn = (importId: string, position: number, { lines, end, line }: ImportPart) =>
  TakeDeliveriesIn({
    importId,
    position,
    end,
    line,
    lines: lines.map((each) =>
      isRefused(each)
        ? each
        : {
            ...each,
            requestId: derivedId(
              noTime,
              JSON.stringify(['delivery', each.reference, each.sku, each.warehouse]),
            ),
          },
    ),
  });

/** An import as a job. */
export const jobOf = (found: StockImport): Job => ({
  id: found.id,
  kind: 'import-stock',
  state: found.finishedAt ? 'done' : 'running',
  progress: found.finishedAt ? 1 : found.position / found.size,
  url: `/api/v1/inventory/imports/${found.id}/report`,
  counts: {
    received: found.received,
    alreadyReceived: found.alreadyReceived,
    refused: found.refused,
  },
  requestedBy: found.requestedBy,
  startedAt: found.startedAt,
  finishedAt: found.finishedAt,
});
