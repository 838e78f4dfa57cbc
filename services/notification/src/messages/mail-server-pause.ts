import { setTimeout as pause } from 'node:timers/promises';
import type { Mailer } from '../domain/mailer.ts';

/** Milliseconds. */
const lookEvery = 500;
const longest = 40_000;

/** Waits while the mail server is not called, so that a backlog does not pass through the workers again and again meanwhile. */
export async function waitForMailServer(mailer: Mailer, signal: AbortSignal): Promise<void> {
  const until = performance.now() + longest;
  while (mailer.isPaused() && performance.now() < until)
    await pause(lookEvery, undefined, { signal });
}
