import type { Entry } from './entry.ts';

/** Called once for each sent entry; with an error, it may not have been taken. */
export type Sent = (entry: Entry, error?: Error) => void;

/** What a worker publishes to and consumes from. */
export interface Medium {
  send(entries: readonly Entry[], sent: Sent): void;
  /** Records each entry before it is acknowledged; resolves when everything sent from now on is received. */
  receive(record: (entry: Entry) => void): Promise<void>;
}
