/** Milliseconds to wait after the first to fourth attempt, before jitter; the fifth attempt is the last. */
export const boundedDelays: readonly number[] = [100, 1_000, 10_000, 60_000];

/** The longest wait of an unbounded retry in milliseconds, jitter included. */
export const unboundedCap = 30_000;

const jitter = 0.2;

/**
 * Milliseconds to wait after `attempt` failed attempts, or null after the last attempt; 0 (nothing counted yet)
 * waits like 1. `random` returns numbers from 0 to below 1, and spreads every wait by ± 20 %.
 */
export function retryDelay(
  policy: 'bounded' | 'unbounded',
  attempt: number,
  random: () => number,
): number | null {
  const failed = Math.max(1, attempt);
  const wait = policy === 'bounded' ? boundedDelays[failed - 1] : unboundedDelay(failed);
  if (wait === undefined) return null;
  return Math.round(wait * (1 - jitter + 2 * jitter * random()));
}

const unboundedDelay = (attempt: number): number =>
  Math.min(100 * 3 ** (attempt - 1), unboundedCap / (1 + jitter));
