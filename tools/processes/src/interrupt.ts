import process from 'node:process';

/** A terminal, and npm between it and us, may each send the same Ctrl-C. */
const sameWithin = 500;

/**
 * Aborts at the first SIGINT, SIGTERM or SIGHUP, after it has called `first`. Whoever signals again later does not want
 * to wait: that calls `again`.
 */
export function onSignal(first: () => void, again: () => void): AbortSignal {
  const controller = new AbortController();
  let since = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) {
        if (performance.now() - since > sameWithin) again();
        return;
      }
      since = performance.now();
      first();
      controller.abort(new Error('interrupted'));
    });
  }
  return controller.signal;
}

/** Resolves when the signal has come. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
