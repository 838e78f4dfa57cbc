import type { Change } from '@waybill/messaging';
import { appendOnly, instant } from '@waybill/persistence';
import { Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import { workPriorities } from '../priority-queue.ts';
import type { NewJob } from './job.ts';

/** A job as a decision inserts it; the database fills the other columns. */
@Entity('work_job')
@Unique('work_job_queue_key_key', ['queue', 'key'])
@Index('work_job_waiting', { synchronize: false })
export class WorkJobEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'work_job_pkey' }) readonly id!: string;
  @Column('text') readonly queue!: string;
  @Column('text') readonly key!: string;
  @Column('smallint') readonly priority!: number;
  @Column(instant) readonly dueAt!: string;
  @Column('jsonb') readonly data!: object;
  @Column({ type: 'integer', default: 0, insert: false }) readonly attempt?: number;
  @Column({ type: 'integer', default: 1, insert: false }) readonly generation?: number;
  @Column({ type: 'integer', default: 0, insert: false }) readonly fence?: number;
  @Column({ ...instant, nullable: true, insert: false }) readonly claimedUntil?: string | null;
  @Column({ ...instant, nullable: true, insert: false }) readonly deadAt?: string | null;
  @Column({ type: 'text', nullable: true, insert: false }) readonly error?: string | null;
}

/** The jobs that decisions add. List it among the tables of a service whose decisions do. */
export const workJobs = appendOnly(WorkJobEntity);

/** The clocks of the database and of the process may differ by this many milliseconds; a job that is due at once is not held up by that. */
const skew = 60_000;

/**
 * A job as a change of a decision: it exists if and only if the decision is committed. Its key must be new in its queue, so derive it from
 * a state that the same decision creates. `id` is derived from the message (`context.id(…)`).
 */
export function jobOf(job: NewJob & { readonly id: string }, now: Date): Change {
  const { id, queue, key, priority = 'normal', data = {} } = job;
  const dueAt = job.dueAt ?? new Date(now.getTime() - skew);
  return workJobs.entry({
    id,
    queue,
    key,
    priority: workPriorities.indexOf(priority),
    dueAt: dueAt.toISOString(),
    data,
  });
}

/** A row that a decision has inserted, as the queues have it. */
export const queuedBy = ({ id, queue, priority, dueAt }: WorkJobEntity) => ({
  id,
  queue,
  priority: workPriorities[priority] ?? 'normal',
  dueAt: new Date(dueAt),
});
