import type { Brokers, Clock, Tracer } from '@waybill/messaging';
import type { Pool } from 'pg';

/** Options of a relay. */
export interface OutboxRelayOptions {
  readonly pool: Pool;
  readonly brokers: Brokers;
  readonly clock?: Clock;
  /** Source of the backoff jitter. */
  readonly random?: () => number;
  /** True if this is the only process that uses the database: it takes all outbox partitions and needs no lease. */
  readonly exclusive?: boolean;
  /** Maximum number of unconfirmed messages per outbox partition; default 1,000. */
  readonly window?: number;
  /** Maximum number of offered rows in memory; more stay in the table until there is room. Default 10,000. */
  readonly maxWaiting?: number;
  /** Records the publishing of messages whose trace is recorded. Absent: nothing is recorded. */
  readonly tracer?: Tracer | undefined;
  readonly onError?: (error: unknown, doing: string) => void;
}

/** What a relay holds now, and its counts since the start. */
export interface RelayStats {
  readonly queued: number;
  readonly inFlight: number;
  readonly confirmed: number;
  readonly outboxPartitions: number;
  /** Outbox partitions with rows in the table that they do not hold. */
  readonly behind: number;
  /** Outbox partitions that wait after an error of their broker. */
  readonly paused: number;
  readonly published: number;
  readonly failed: number;
  /** Live messages that were lost. */
  readonly lost: number;
}
