import type { DeadLetterFilter } from '@waybill/dead-letter';
import type { Job } from '../ops/jobs.ts';

/** What to redrive, how fast, and in whose name. */
export interface RedriveRequest {
  readonly filter: DeadLetterFilter;
  readonly ratePerSecond: number;
  readonly by: string;
}

/** How many jobs `latest` resolves with at most. */
export const latestJobs = 10;

/** Redrives of many dead letters of one service, wherever it runs, as jobs. */
export interface RedriveAccess {
  /** How many dead letters match that can be redriven. */
  count(filter: DeadLetterFilter): Promise<number>;
  /** Begins a job, with this UUID; what becomes a dead letter later is not part of it. A second call changes nothing. */
  begin(id: string, request: RedriveRequest): Promise<void>;
  /** The jobs that were begun last, the newest first. */
  latest(): Promise<readonly Job[]>;
}
