import type { Brokers, Clock } from '@waybill/messaging';
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
  readonly onError?: (error: unknown, doing: string) => void;
}
