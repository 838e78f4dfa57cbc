/** A dependency is not called now, because recent calls failed. The call was not made, so no attempt is counted. */
export class BreakerOpen extends Error {
  readonly code = 'circuit_open';
  readonly countsAsAttempt = false;
  constructor(readonly pipeline: string) {
    super(`${pipeline} is not called: its circuit breaker is open`);
    this.name = 'BreakerOpen';
  }
}

/** Too many calls of a dependency are running or waiting. The call was not made, so no attempt is counted. */
export class BulkheadFull extends Error {
  readonly code = 'bulkhead_full';
  readonly countsAsAttempt = false;
  constructor(readonly pipeline: string) {
    super(`${pipeline} is not called: too many of its calls run or wait`);
    this.name = 'BulkheadFull';
  }
}

/** A call timed out. It may have taken effect; a repetition with the same idempotency key returns its result. */
export class TimedOut extends Error {
  readonly code = 'timed_out';
  readonly retriable = true;
  constructor(
    readonly pipeline: string,
    readonly afterMs: number,
  ) {
    super(`${pipeline} did not answer within ${afterMs} ms`);
    this.name = 'TimedOut';
  }
}

const field = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null
    ? (error as Record<string, unknown>)[name]
    : undefined;

/** The call was made and failed, and may succeed later: breakers count and retries repeat such errors by default. */
export const isTransient = (error: unknown): boolean =>
  field(error, 'retriable') !== false && field(error, 'countsAsAttempt') !== false;
