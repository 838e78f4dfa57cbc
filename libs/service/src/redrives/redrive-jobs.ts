import { Inject, Injectable } from '@nestjs/common';
import {
  type DeadLetterFilter,
  DeadLetters,
  redriveSome,
  redriveTransient,
} from '@waybill/dead-letter';
import { CLOCK, type Clock, Messaging } from '@waybill/messaging';
import { LOGGER, type Log } from '@waybill/observability';
import { poolOf } from '@waybill/persistence';
import type { Pool, PoolClient } from 'pg';
import { DataSource } from 'typeorm';
import { type Job, Jobs } from '../ops/jobs.ts';
import { Scheduled, type TaskRun } from '../schedule/scheduled.ts';
import { ServiceSettings } from '../service-settings.ts';
import { latestJobs, type RedriveAccess, type RedriveRequest } from './redrive-access.ts';

interface JobRow {
  readonly id: string;
  readonly filter: DeadLetterFilter;
  readonly last: string;
  readonly credit: number;
  readonly expected: number;
  readonly redriven: number;
  readonly requested_by: string;
  readonly started_at: Date;
  readonly finished_at: Date | null;
}

/** Milliseconds from one step of a job to the next. */
const stepEvery = 100;
const mostInAStep = 500;

/**
 * Redrives many dead letters of a service, in one replica at a time: one job after another, and by themselves those whose error
 * may have passed. What a step redrives is counted in its transaction, so a replica that takes over redrives nothing twice.
 */
@Injectable()
export class RedriveJobs implements RedriveAccess {
  constructor(
    private readonly dataSource: DataSource,
    private readonly messaging: Messaging,
    private readonly settings: ServiceSettings,
    private readonly jobs: Jobs,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly log: Log,
  ) {
    jobs.add((id) => this.find(id));
  }

  async count(filter: DeadLetterFilter): Promise<number> {
    return (await this.letters().redrivable(filter)).count;
  }

  async begin(id: string, { filter, ratePerSecond, by }: RedriveRequest): Promise<void> {
    const { count, last } = await this.letters().redrivable(filter);
    await this.pool().query(
      `insert into redrive_job (id, filter, last, rate, expected, requested_by) values ($1, $2, $3, $4, $5, $6)
        on conflict do nothing`,
      [id, filter, last, ratePerSecond, count, by],
    );
  }

  async latest(): Promise<readonly Job[]> {
    const { rows } = await this.pool().query<JobRow>(
      'select * from redrive_job order by started_at desc limit $1',
      [latestJobs],
    );
    return rows.map((row) => this.jobs.of(jobOf(row)));
  }

  @Scheduled({ name: 'redrive-jobs', every: () => 1_000 })
  async work({ lease, signal }: TaskRun): Promise<void> {
    for (let id = await this.oldestOpen(); id && !signal.aborted; id = await this.oldestOpen()) {
      const open = id;
      if ((await lease.transaction((client) => this.step(client, open))) > 0) this.messaging.wake();
      await new Promise<void>((resolve) => void this.clock.after(stepEvery, resolve));
    }
  }

  @Scheduled({ name: 'automatic-redrives', every: (_, { redrives }) => redrives.every })
  async redriveTransient({ lease }: TaskRun): Promise<void> {
    const { redrives } = this.settings.host;
    if (redrives.times === 0) return;
    const redriven = await lease.transaction((client) => redriveTransient(client, redrives));
    if (redriven === 0) return;
    this.messaging.wake();
    this.log.info({ redriven }, 'dead letters were redriven, because their error may have passed');
  }

  /** How many it has redriven; a step with less than it may redrive is the last one. */
  private async step(client: PoolClient, id: string): Promise<number> {
    const { rows } = await client.query<JobRow>(earn, [id]);
    const [job] = rows;
    const limit = Math.min(mostInAStep, Math.floor(job?.credit ?? 0));
    if (!job || limit === 0) return 0;
    const { filter, last, requested_by: by } = job;
    const redriven = await redriveSome(client, { filter, by, limit, last: Number(last) });
    await client.query(redriven < limit ? finish : spend, [id, redriven]);
    return redriven;
  }

  private async oldestOpen(): Promise<string | undefined> {
    const { rows } = await this.pool().query<{ id: string }>(
      'select id from redrive_job where finished_at is null order by started_at limit 1',
    );
    return rows[0]?.id;
  }

  private async find(id: string): Promise<Job | undefined> {
    const { rows } = await this.pool().query<JobRow>('select * from redrive_job where id = $1', [
      id,
    ]);
    return rows[0] && jobOf(rows[0]);
  }

  private letters(): DeadLetters {
    return new DeadLetters({ service: this.jobs.service, pool: this.pool() });
  }

  private pool(): Pool {
    return poolOf(this.dataSource);
  }
}

/** A job that was interrupted does not catch up on what it could have redriven meanwhile. */
const earn = `update redrive_job set stepped_at = waybill_now(),
    credit = least(greatest(rate, 1), credit + rate * extract(epoch from waybill_now() - stepped_at))
  where id = $1 returning *`;
const spend = `update redrive_job set credit = credit - $2, redriven = redriven + $2 where id = $1`;
const finish = `update redrive_job set redriven = redriven + $2, finished_at = waybill_now() where id = $1`;

const jobOf = (row: JobRow): Job => ({
  id: row.id,
  kind: 'redrive-dead-letters',
  state: row.finished_at ? 'done' : 'running',
  progress: row.finished_at ? 1 : Math.min(0.99, row.redriven / Math.max(1, row.expected)),
  url: null,
  counts: { expected: row.expected, redriven: row.redriven },
  requestedBy: row.requested_by,
  startedAt: row.started_at.toISOString(),
  finishedAt: row.finished_at?.toISOString() ?? null,
});
