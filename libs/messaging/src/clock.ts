/** The time and the timers of a service; tests advance a clock of their own. */
export interface Clock {
  now(): Date;
  /** Calls `run` once after `ms`; the returned function cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** Injection token of a `Clock`. */
export const CLOCK = Symbol('waybill:clock');

/** The longest delay of a Node timer, 24.8 days: a longer one would fire at once. */
const longestTimer = 2 ** 31 - 1;

/** The system clock. Its timers do not keep a process alive, and may have any length. */
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
 * Runs `task` again and again, `ms` after the last run has ended and first after `ms`.
 * Failures are passed to `failed` and do not stop it; the returned function does.
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

/** Resolves when `done` does, or after `ms`; rejects if `done` rejects before. */
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
