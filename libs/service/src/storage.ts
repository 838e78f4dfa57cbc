import type { CrashMarks, Relay, Store } from '@waybill/messaging';
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';

/** The relay as the host sees it. */
export interface RunningRelay extends Relay {
  /** Takes its lanes and publishes what a crash left behind. */
  start(): Promise<void>;
  /** Publishes nothing more, waits at most `patienceMs` for what is in flight, and deletes what is confirmed. */
  close(patienceMs?: number): Promise<void>;
  /** Milliseconds from commit to confirm of some of the rows that were confirmed since the last call. */
  takeLags?(): readonly number[];
  stats(): { readonly queued: number; readonly inFlight: number; readonly failed: number };
}

/** The database of one service, open. */
export interface Storage {
  readonly dataSource: DataSource;
  readonly pool: Pool;
  readonly store: Store;
  readonly relay: RunningRelay;
  readonly crashMarks?: CrashMarks;
  /** What the database lacks of what this release needs. */
  missing(): Promise<readonly string[]>;
  migrate(): Promise<void>;
  /** Ids from before this moment may have been forgotten, in milliseconds since the epoch; null while none were. */
  oldest(): number | null;
  /**
   * From now on makes room for the messages of the next days, and forgets those past their retention. Resolves
   * when `oldest` is known, with a function that ends it.
   */
  maintain(): Promise<() => void>;
  close(): Promise<void>;
}
