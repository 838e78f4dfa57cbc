import { retryDelay } from '@waybill/resilience';
import { isRetriable } from './handler.ts';
import type { Work } from './work.ts';

/** When the next attempt of a message that failed begins, in milliseconds since the epoch; null: there is none. */
export function nextAttempt(
  { envelope, handler, attempt, firstAt }: Work,
  error: unknown,
  now: number,
  random: () => number,
): number | null {
  if (!envelope || !isRetriable(error)) return null;
  const delay = retryDelay(handler?.contract.retry ?? 'unbounded', attempt, random);
  if (delay === null) return null;
  const at = now + delay;
  const limit = handler?.options.giveUpAfter;
  return limit !== undefined && at - firstAt > limit ? null : at;
}
