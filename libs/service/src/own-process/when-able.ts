import { setTimeout as pause } from 'node:timers/promises';
import { isAway } from './is-away.ts';
import { WaitingLines } from './waiting-lines.ts';

export interface Waiting {
  /** Prints a line for people. */
  readonly say: (line: string) => void;
  /** Ends the wait. */
  readonly stopped: AbortSignal;
  /** Milliseconds during which a refused login or a missing database is retried too, because it may still be created. */
  readonly patienceMs?: number | undefined;
}

const firstPause = 250;
const longestPause = 2_000;
/** Waiting does not fix an invalid setting. */
const hopeless = new Set(['invalid_config', 'invalid_broker_settings']);

/**
 * Resolves with the result of `start`. Retries while a server is not up yet, and prints the reason every five seconds; rejects
 * for an error that waiting does not fix.
 */
export async function whenAble<T>(
  start: () => Promise<T>,
  { say, stopped, patienceMs = 0 }: Waiting,
): Promise<T> {
  const began = performance.now();
  const mayBeMade = (error: unknown): boolean =>
    performance.now() - began < patienceMs && !hopeless.has((error as { code: string }).code);
  const lines = new WaitingLines(say);
  for (let wait = firstPause; ; wait = Math.min(longestPause, wait * 2)) {
    try {
      return await start();
    } catch (error) {
      if (!isAway(error) && !mayBeMade(error)) throw error;
      lines.tell((error as Error).message);
      await pause(wait, undefined, { signal: stopped });
    }
  }
}
