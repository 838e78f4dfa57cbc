/** The time and the timers of a service; tests turn a clock of their own. */
export interface Clock {
  now(): Date;
  /** Calls `run` once after `ms`; the returned function forgets it. */
  after(ms: number, run: () => void): () => void;
}

/** The clock of the machine. Its timers do not keep a process alive. */
export const systemClock: Clock = {
  now: () => new Date(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
