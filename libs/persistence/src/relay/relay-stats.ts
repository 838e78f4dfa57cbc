/** What a relay has in hand, and has done since its start. */
export interface RelayStats {
  readonly queued: number;
  readonly inFlight: number;
  readonly confirmed: number;
  readonly lanes: number;
  /** Lanes that have rows in the table which they do not hold. */
  readonly behind: number;
  /** Lanes that wait after an error of their broker. */
  readonly paused: number;
  readonly published: number;
  readonly failed: number;
  /** Live messages that were lost. */
  readonly lost: number;
}
