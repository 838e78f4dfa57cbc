import { knobsFrom, type ServerBrokerOptions } from '@waybill/messaging';

/** Options of an SNS/SQS broker. All but `service` have a default. */
export interface SnsSqsOptions extends ServerBrokerOptions {
  /** Default: `AWS_ENDPOINT_URL`, else AWS itself. */
  readonly endpoint?: string;
  /** Default: `AWS_REGION`. */
  readonly region?: string;
  /** Default: what the AWS SDK finds, starting with `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Seconds that an empty receive waits, 1 to 20; default 5. */
  readonly waitSeconds?: number;
  /** Seconds until a delivery of a dead consumer is redelivered, 2 to 43,200; default 10. */
  readonly visibilitySeconds?: number;
  /** Seconds that a live consumer may hold a delivery, 2 to 42,000; default 39,600 (11 h; the limit of SQS is 12 h). */
  readonly holdSeconds?: number;
  /** Seconds until the other consumers of a group take over the partitions of a dead one, 2 to 60; default 8. */
  readonly leaseSeconds?: number;
  /**
   * How often a message is received before its queue gives up on it, 2 to 1,000; default 1,000. It counts also when a consumer receives
   * it that does not own its partition.
   */
  readonly maxReceives?: number;
  /** Maximum number of parallel receives of a busy consumer, 1 to 16; default 4. */
  readonly receivers?: number;
  /** Pause of an idle consumer between receives in ms, for fuller batches (a call costs ~1 ms CPU); 0 to 1,000, default 50. */
  readonly gatherMs?: number;
  /** Milliseconds that `close` waits for unsettled deliveries, 0 to 60,000; default 5,000. */
  readonly drainMs?: number;
}

const bounds = {
  waitSeconds: [1, 20, 5],
  visibilitySeconds: [2, 43_200, 10],
  holdSeconds: [2, 42_000, 39_600],
  leaseSeconds: [2, 60, 8],
  maxReceives: [2, 1_000, 1_000],
  receivers: [1, 16, 4],
  gatherMs: [0, 1_000, 50],
  drainMs: [0, 60_000, 5_000],
} as const;

/** The numeric options, with defaults filled in. */
export type Knobs = ReturnType<typeof knobsOf>;

/** Throws `InvalidBrokerSetting` for a number outside its bounds. */
export const knobsOf = (options: SnsSqsOptions) => knobsFrom<keyof typeof bounds>(options, bounds);
