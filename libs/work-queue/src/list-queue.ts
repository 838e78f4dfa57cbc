/**
 * Values first in, first out. A value is gone once it is popped, so one that is popped by a process that crashes is lost: for hints that
 * something else brings again.
 */
export abstract class ListQueue {
  constructor(readonly name: string) {}

  /** Adds all values by one call. */
  abstract push(values: readonly string[]): Promise<void>;

  /** Removes the first value; waits for one up to `wait` milliseconds, at most half a second. */
  abstract pop(wait?: number): Promise<string | undefined>;

  abstract size(): Promise<number>;
}

/** The longest that `pop` waits, in milliseconds: shorter than the time-out of a command. */
export const longestPop = 500;
