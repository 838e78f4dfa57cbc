import type { EntityManager } from 'typeorm';
import type { WorkPriority } from '../priority-queue.ts';

/** Work that is to be done. */
export interface NewJob<D extends object = object> {
  readonly queue: string;
  /** What it is about: while a job with the key waits in the queue, another one with it is the same job. */
  readonly key: string;
  /** Default `normal`. */
  readonly priority?: WorkPriority;
  /** Default: now. */
  readonly dueAt?: Date;
  /** JSON that the handler receives; of jobs with one key, that of the latest. */
  readonly data?: D;
}

/** A job as its handler receives it. */
export interface Job<D extends object = object> {
  readonly id: string;
  readonly key: string;
  readonly data: D;
  /** 1 for the first attempt. One that a crash ended counts too. */
  readonly attempt: number;
  /** Aborts when the lease ends, or the service stops. */
  readonly signal: AbortSignal;
  /**
   * Commits `work` together with the end of the job, at most once over all workers: rejects with `JobLost`, without effect, for a worker
   * whose lease has ended and whose job another one has. A handler that does not call it has its job ended when it returns.
   */
  complete(work?: (manager: EntityManager) => Promise<unknown>): Promise<void>;
  /**
   * As `complete`, but the job is done again at the time that `work` returns, with all its attempts; null ends it. For work that goes on
   * at times which it chooses itself.
   */
  postpone(work: (manager: EntityManager) => Promise<Date | null>): Promise<void>;
}

/** A job as operators see it. */
export interface JobView {
  readonly id: string;
  readonly queue: string;
  readonly key: string;
  readonly priority: WorkPriority;
  readonly state: 'waiting' | 'dead';
  readonly attempt: number;
  readonly dueAt: string;
  /** Of the latest attempt. */
  readonly error: string | null;
}

/** Another worker has the job, or it is done; what this one did for it was rolled back. */
export class JobLost extends Error {
  readonly code = 'job_lost';
  readonly retriable = false;
  constructor(queue: string, key: string) {
    super(`another worker has or had the job ${key} of ${queue}`);
    this.name = 'JobLost';
  }
}
