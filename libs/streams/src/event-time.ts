/** The event time of a key: how far it has come, and how many of its events were too late to count. */
export interface EventTime {
  /** The time of its newest event, in milliseconds. */
  readonly newest: number;
  readonly late: number;
}

/** The event time after an event. */
export interface Admission {
  readonly time: EventTime;
  /** The event is more than `lateness` milliseconds older than the newest one of its key. */
  readonly isLate: boolean;
  /** No event before this time will be admitted any more. */
  readonly horizon: number;
}

/**
 * Decides by the events of the key alone whether an event is late, never by a clock, so that the same events in the same order give
 * the same result whenever they are processed.
 */
export function admit(before: EventTime | undefined, at: number, lateness: number): Admission {
  const newest = Math.max(before?.newest ?? at, at);
  const horizon = newest - lateness;
  const isLate = at < horizon;
  return { time: { newest, late: (before?.late ?? 0) + (isLate ? 1 : 0) }, isLate, horizon };
}
