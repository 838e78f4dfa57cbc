import { setTimeout as pause } from 'node:timers/promises';
import { isAway } from './is-away.ts';
import { WaitingLines } from './waiting-lines.ts';

export interface Waiting {
  /** Takes lines for people. */
  readonly say: (line: string) => void;
  /** Ends the waiting. */
  readonly stopped: AbortSignal;
  /** Milliseconds in which a login or a database that is refused is waited for too: somebody may be making it. */
  readonly patienceMs?: number | undefined;
}

const firstPause = 250;
const longestPause = 2_000;
/** No time mends a setting that cannot be read. */
const hopeless = new Set(['invalid_config', 'invalid_broker_settings']);

/**
 * What `start` resolves with. A server that is not up yet is waited for, told every five seconds; rejects when something
 * is wrong that waiting does not mend.
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
