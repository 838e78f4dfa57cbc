import { retry as cockatielRetry, ExponentialBackoff, handleWhen } from 'cockatiel';
import { type Duration, duration } from './duration.ts';
import { isTransient } from './errors.ts';
import type { PolicyFor } from './policy.ts';

/** `attempts` includes the first one. Waits grow exponentially with jitter, from `first` to `longest`. */
export interface RetryOptions {
  readonly attempts: number;
  readonly first: Duration;
  readonly longest: Duration;
  /** Which errors are retried; default: `isTransient`. */
  readonly when?: (error: unknown) => boolean;
}

/** Retries a failed call. Use it only for calls that are safe to repeat. */
export const retry = (options: RetryOptions): PolicyFor => {
  const policy = cockatielRetry(handleWhen(options.when ?? isTransient), {
    maxAttempts: options.attempts - 1,
    backoff: new ExponentialBackoff({
      initialDelay: duration(options.first),
      maxDelay: duration(options.longest),
    }),
  });
  return () => ({
    run: (call, signal) => policy.execute((context) => call(context.signal), signal),
  });
};
