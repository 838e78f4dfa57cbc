import type { Brokers, Clock } from '@waybill/messaging';
import type { Pool } from 'pg';

/** What a relay is made from. */
export interface OutboxRelayOptions {
  readonly pool: Pool;
  readonly brokers: Brokers;
  readonly clock?: Clock;
  /** Jitter of the back-off. */
  readonly random?: () => number;
  /** True for the only process that may use the database: takes all lanes at once and needs no lease. */
  readonly exclusive?: boolean;
  /** Messages that may be unconfirmed in one lane; default 1,000. */
  readonly window?: number;
  /** Offered rows that may wait in memory; more stay in the table until there is room. Default 10,000. */
  readonly maxWaiting?: number;
  readonly onError?: (error: unknown, doing: string) => void;
}
