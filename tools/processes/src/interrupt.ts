import process from 'node:process';

/** Milliseconds: the terminal and npm may both send the same Ctrl-C. */
const sameWithin = 500;

/**
 * Calls `first` and aborts the signal at the first SIGINT, SIGTERM or SIGHUP. A later signal calls `again`, to stop
 * without waiting.
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

/** Resolves when the signal is aborted. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
