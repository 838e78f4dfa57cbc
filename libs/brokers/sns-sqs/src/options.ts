import { knobsFrom, type ServerBrokerOptions } from '@waybill/messaging';

/** How an SNS/SQS broker is set up. Everything but `service` has a default. */
export interface SnsSqsOptions extends ServerBrokerOptions {
  /** Default: `AWS_ENDPOINT_URL`, else AWS itself. */
  readonly endpoint?: string;
  /** Default: `AWS_REGION`. */
  readonly region?: string;
  /** Default: what the AWS SDK finds, `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` first. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Seconds that an empty receive waits, 1 to 20; default 5. */
  readonly waitSeconds?: number;
  /** Seconds after which a delivery of a dead consumer comes again, 2 to 43,200; default 10. */
  readonly visibilitySeconds?: number;
  /** Seconds that a living consumer may hold a delivery, at most 42,000; default 39,600 (11 h; SQS ends at 12 h). */
  readonly holdSeconds?: number;
  /** Seconds after which another consumer takes the group of a dead one, 2 to 60; default 8. */
  readonly leaseSeconds?: number;
  /** Receives of one message before its queue gives it up, 2 to 1,000; default 50. */
  readonly maxReceives?: number;
  /** Receives at once for a consumer with much to do, 1 to 16; default 4. */
  readonly receivers?: number;
  /** Milliseconds that a consumer with little to do waits after a receive, so that the next one brings more (a call costs a process a
   * millisecond of its processor); 0 to 1,000, default 50. */
  readonly gatherMs?: number;
  /** Milliseconds that `close` waits for deliveries in hand, 0 to 60,000; default 5,000. */
  readonly drainMs?: number;
}

const bounds = {
  waitSeconds: [1, 20, 5],
  visibilitySeconds: [2, 43_200, 10],
  holdSeconds: [2, 42_000, 39_600],
  leaseSeconds: [2, 60, 8],
  maxReceives: [2, 1_000, 50],
  receivers: [1, 16, 4],
  gatherMs: [0, 1_000, 50],
  drainMs: [0, 60_000, 5_000],
} as const;

/** The numbers among the options, with their defaults. */
export type Knobs = ReturnType<typeof knobsOf>;

/** Throws `InvalidBrokerSetting` for a number out of its bounds. */
export const knobsOf = (options: SnsSqsOptions) => knobsFrom<keyof typeof bounds>(options, bounds);
