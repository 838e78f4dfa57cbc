import type { DeadLetterFilter } from '@waybill/dead-letter';

/** What to redrive, how fast, and in whose name. */
export interface RedriveRequest {
  readonly filter: DeadLetterFilter;
  readonly ratePerSecond: number;
  readonly by: string;
}

/** Redrives of many dead letters of one service, wherever it runs, as jobs. */
export interface RedriveAccess {
  /** How many dead letters match that can be redriven. */
  count(filter: DeadLetterFilter): Promise<number>;
  /** Begins a job, with this UUID; what becomes a dead letter later is not part of it. A second call changes nothing. */
  begin(id: string, request: RedriveRequest): Promise<void>;
}
