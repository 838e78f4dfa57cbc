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
