import type { RetryPolicy } from '@waybill/contracts';

const boundedDelays = [100, 1_000, 10_000, 60_000];
const unboundedCap = 30_000;

/**
 * Milliseconds until the next attempt after `attempt` failed ones, spread by ± 20 %; null when there is none.
 * `bounded`: five attempts, 0.1, 1, 10 and 60 s apart. `unbounded`: doubling from 0.1 s to 30 s, for ever.
 */
export function retryDelay(
  policy: RetryPolicy,
  attempt: number,
  random: () => number,
): number | null {
  const delay =
    policy === 'bounded'
      ? boundedDelays[Math.max(0, attempt - 1)]
      : Math.min(unboundedCap, 100 * 2 ** Math.min(20, Math.max(0, attempt - 1)));
  return delay === undefined ? null : Math.round(delay * (0.8 + 0.4 * random()));
}
