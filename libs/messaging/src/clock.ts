/** The time and the timers of a service; tests turn a clock of their own. */
export interface Clock {
  now(): Date;
  /** Calls `run` once after `ms`; the returned function forgets it. */
  after(ms: number, run: () => void): () => void;
}

/** Injects a `Clock`. */
export const CLOCK = Symbol('waybill:clock');

/** The most that one timer of Node holds, 24.8 days: with more it would run at once. */
const longestTimer = 2 ** 31 - 1;

/** The clock of the machine. Its timers do not keep a process alive, and may be as long as anybody likes. */
export const systemClock: Clock = {
  now: () => new Date(),
  after(ms, run) {
    let timer: NodeJS.Timeout;
    const wait = (left: number): void => {
      const step = Math.min(left, longestTimer);
      timer = setTimeout(() => (left > step ? wait(left - step) : run()), step);
      timer.unref();
    };
    wait(ms);
    return () => clearTimeout(timer);
  },
};

/**
 * Does `task` each `ms` after it was done before, the first time in `ms`; failures go to `failed` and end nothing.
 * The returned function ends it.
 */
export function every(
  clock: Clock,
  ms: number,
  task: () => Promise<unknown>,
  failed: (error: unknown) => void,
): () => void {
  let ended = false;
  let cancel = (): void => {};
  const tell = (error: unknown): void => {
    if (!ended) failed(error);
  };
  const schedule = (): void => {
    if (ended) return;
    cancel = clock.after(ms, () => void task().catch(tell).finally(schedule));
  };
  schedule();
  return () => {
    ended = true;
    cancel();
  };
}

/** Resolves when something is done, or after so many milliseconds; rejects when it fails before. */
export async function within(ms: number, done: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await Promise.race([done, patience]);
  } finally {
    clearTimeout(timer);
  }
}
