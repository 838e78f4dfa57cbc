import { newId } from '@waybill/message';
import type { DataSource, EntityManager } from 'typeorm';
import { type QueuedItem, type WorkPriority, workPriorities } from '../priority-queue.ts';
import { JobLost, type JobView, type NewJob } from './job.ts';

/** A job that this process may run until its lease ends. */
export interface ClaimedJob {
  readonly id: string;
  readonly queue: string;
  readonly key: string;
  readonly priority: WorkPriority;
  readonly data: object;
  readonly attempt: number;
  readonly generation: number;
  readonly fence: number;
}

type Row = Omit<ClaimedJob, 'priority'> & { priority: number; due_at: Date };

const priorityOf = ({ priority }: { readonly priority: number }): WorkPriority =>
  workPriorities[priority] ?? 'normal';

const indexed = (row: Row): QueuedItem & { readonly queue: string } => ({
  id: row.id,
  queue: row.queue,
  priority: priorityOf(row),
  dueAt: row.due_at,
});

/** The rows of jobs, which are the truth: what is in a queue only says which rows to look at next. */
export class JobTable {
  constructor(private readonly dataSource: DataSource) {}

  /** Inserts jobs; one whose key waits is joined with it: the more urgent priority, the earlier time, and the new data. */
  async insert(
    manager: EntityManager,
    jobs: readonly NewJob[],
  ): Promise<(QueuedItem & { readonly queue: string })[]> {
    const unique = new Map(jobs.map((job) => [`${job.queue} ${job.key}`, job]));
    const rows = [...unique.values()].map(
      ({ queue, key, priority = 'normal', dueAt, data = {} }) => ({
        id: newId(),
        queue,
        key,
        priority: workPriorities.indexOf(priority),
        due_at: dueAt?.toISOString() ?? null,
        data,
      }),
    );
    const stored: Row[] = await manager.query(insertion, [JSON.stringify(rows)]);
    return stored.map(indexed);
  }

  /** Claims those of the jobs that are due and not claimed, and counts an attempt of each. */
  async claim(queue: string, ids: readonly string[], lease: number): Promise<ClaimedJob[]> {
    const [rows]: [Row[], number] = await this.dataSource.query(claiming, [queue, ids, lease]);
    return rows.map((row) => ({ ...row, priority: priorityOf(row) }));
  }

  /** The ids of due jobs, the most urgent first: for workers whose queue does not answer. */
  async due(queue: string, count: number): Promise<string[]> {
    const rows: Row[] = await this.dataSource.query(`${waiting} and ${isDue} ${inOrder}`, [
      queue,
      count,
    ]);
    return rows.map(({ id }) => id);
  }

  /** The jobs that belong into the queue: due within `ms` and not claimed, the most urgent first. */
  async indexable(queue: string, ms: number, count: number): Promise<QueuedItem[]> {
    const rows: Row[] = await this.dataSource.query(
      `${waiting} and due_at <= waybill_now() + $3 * interval '1 millisecond' ${inOrder}`,
      [queue, count, ms],
    );
    return rows.map(indexed);
  }

  /**
   * Ends a job together with `work`, or lets it wait until the time that `work` returns. Rejects with `JobLost` if its claim is not the
   * latest. Returns when it is to be done again: at once if it was added again since it was claimed.
   */
  complete(
    job: ClaimedJob,
    work: (manager: EntityManager) => Promise<Date | null> = async () => null,
  ): Promise<Date | null> {
    const { id, fence, queue, key } = job;
    return this.dataSource.transaction(async (manager) => {
      const [held]: object[] = await manager.query(
        'select from work_job where id = $1 and fence = $2 and dead_at is null for update',
        [id, fence],
      );
      if (!held) throw new JobLost(queue, key);
      const next = await work(manager);
      // `work` itself may have added the job again.
      const [row]: { generation: number }[] = await manager.query(
        'select generation from work_job where id = $1',
        [id],
      );
      const isAgain = row?.generation !== job.generation;
      if (next === null && !isAgain) {
        await manager.query('delete from work_job where id = $1', [id]);
        return null;
      }
      const [rows]: [{ due_at: Date }[], number] = await manager.query(ready, [
        id,
        isAgain ? null : next?.toISOString(),
      ]);
      return rows[0]?.due_at ?? null;
    });
  }

  /** Lets a job wait for another attempt in `delay` milliseconds; null: it is dead. No effect if the claim is not the latest. */
  async failed(
    { id, fence }: ClaimedJob,
    error: string,
    delay: number | null,
    attempt: number,
  ): Promise<Date | null> {
    const [rows]: [{ due_at: Date }[], number] = await this.dataSource.query(failing, [
      id,
      fence,
      error,
      delay,
      attempt,
    ]);
    return delay === null ? null : (rows[0]?.due_at ?? null);
  }

  /** Up to `limit` jobs by id, after the id `after`. */
  async list(filter: {
    readonly queue?: string;
    readonly state?: JobView['state'];
    readonly after?: string;
    readonly limit: number;
  }): Promise<JobView[]> {
    const { queue = null, state = null, after = null, limit } = filter;
    const rows: (Row & { dead: boolean; error: string | null })[] = await this.dataSource.query(
      `select *, dead_at is not null as dead from work_job where ($1::text is null or queue = $1)
        and ($2::text is null or (dead_at is not null) = ($2 = 'dead')) and ($3::uuid is null or id > $3)
      order by id limit $4`,
      [queue, state, after, limit],
    );
    return rows.map(({ dead, due_at, error, id, queue: name, key, attempt, ...row }) => ({
      id,
      queue: name,
      key,
      priority: priorityOf(row),
      state: dead ? 'dead' : 'waiting',
      attempt,
      dueAt: due_at.toISOString(),
      error,
    }));
  }

  /** Lets a dead job wait again, with all its attempts; undefined if it is not dead. */
  async revive(id: string): Promise<(QueuedItem & { readonly queue: string }) | undefined> {
    const [rows]: [Row[], number] = await this.dataSource.query(
      `update work_job set dead_at = null, attempt = 0, due_at = waybill_now(), claimed_until = null
      where id = $1 and dead_at is not null returning *`,
      [id],
    );
    return rows[0] && indexed(rows[0]);
  }

  /** How many jobs of each queue wait, and are dead. */
  async counts(): Promise<{ queue: string; waiting: number; dead: number }[]> {
    return this.dataSource.query(
      `select queue, count(*) filter (where dead_at is null)::integer as waiting,
        count(dead_at)::integer as dead from work_job group by queue`,
    );
  }
}

/** No worker has it, or the lease of its worker has ended. */
const isFree = `coalesce(claimed_until, '-infinity') <= waybill_now()`;

/** In the millisecond in which it is due: a queue, from which a worker has it, knows no fractions. */
const isDue = `due_at < waybill_now() + interval '1 millisecond'`;

const insertion = `insert into work_job as job (id, queue, key, priority, due_at, data)
  select id, queue, key, priority, coalesce(due_at, (select waybill_now())), data from json_to_recordset($1)
    as r(id uuid, queue text, key text, priority smallint, due_at timestamptz, data jsonb)
  order by queue, key
  on conflict (queue, key) do update set
    priority = greatest(job.priority, excluded.priority),
    due_at = case when job.dead_at is null then least(job.due_at, excluded.due_at) else excluded.due_at end,
    attempt = case when job.dead_at is null then job.attempt else 0 end,
    generation = job.generation + 1, dead_at = null, data = excluded.data
  returning id, queue, priority, due_at`;

const claiming = `update work_job set attempt = attempt + 1, fence = fence + 1,
    claimed_until = waybill_now() + $3 * interval '1 millisecond'
  where id in (
    select id from work_job where queue = $1 and id = any($2::uuid[]) and dead_at is null
      and ${isDue} and ${isFree}
    order by id for update skip locked)
  returning id, queue, key, priority, data, attempt, generation, fence`;

const waiting = `select id, queue, priority, due_at from work_job where queue = $1 and dead_at is null and ${isFree}`;
const inOrder = 'order by priority desc, due_at limit $2';

const ready = `update work_job set claimed_until = null, attempt = 0,
    due_at = coalesce($2::timestamptz, least(due_at, waybill_now()))
  where id = $1 returning due_at`;

const failing = `update work_job set claimed_until = null, error = $3, attempt = $5,
    due_at = waybill_now() + coalesce($4::integer, 0) * interval '1 millisecond',
    dead_at = case when $4::integer is null then waybill_now() end
  where id = $1 and fence = $2 and dead_at is null returning due_at`;
