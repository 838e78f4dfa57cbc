import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Log } from '@waybill/observability';
import { deleteOld, type Retained, STORED, type Stored } from '@waybill/persistence';
import { storedAnswers } from '../idempotency/stored-answers.ts';
import { SERVICE_OPTIONS, type ServiceOptions } from '../service-options.ts';
import { ServiceSettings } from '../service-settings.ts';
import { Scheduled, type TaskRun } from './scheduled.ts';

/** Deletes the rows of a service that are not needed any more. */
@Injectable()
export class Retention {
  private readonly tables: readonly Retained[];

  constructor(
    @Inject(SERVICE_OPTIONS) { retained = () => [] }: ServiceOptions,
    { own, host: { retention } }: ServiceSettings,
    @Inject(STORED) { tables = [] }: Partial<Stored>,
    @Inject(LOGGER) private readonly log: Log,
  ) {
    const answers = { table: 'idempotency_keys', at: 'stored_at', keep: retention.answers };
    this.tables = [
      ...(tables.includes(storedAnswers) ? [answers] : []),
      { table: 'journey_page', at: 'at', keep: retention.journey },
      { table: 'dead_letter_audit', at: 'at', keep: retention.deadLetterAudit },
      { table: 'redrive_job', at: 'finished_at', keep: retention.deadLetterAudit },
      { table: 'operator_action', at: 'at', keep: retention.audit },
      ...retained(own),
    ];
  }

  @Scheduled({ name: 'retention', every: (_, { retention }) => retention.every })
  async purge({ lease, signal }: TaskRun): Promise<void> {
    for (const each of this.tables) {
      const rows = await deleteOld(lease, each, signal);
      if (rows > 0) this.log.info({ table: each.table, rows }, 'old rows were deleted');
    }
  }
}
