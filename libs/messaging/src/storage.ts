import type { Envelope } from '@waybill/message';
import type { Batch, CrashMarks, Relay, Store } from './store.ts';

/** A relay that runs beside the consumer of its service. */
export interface RunningRelay extends Relay {
  /** Takes its lanes and publishes what a crash left behind. */
  start(): Promise<void>;
  /** Publishes nothing more, waits at most `patienceMs` for what is in flight, and deletes what is confirmed. */
  close(patienceMs?: number): Promise<void>;
  /** Milliseconds from commit to confirm of some of the rows that were confirmed since the last call. */
  takeLags?(): readonly number[];
  stats(): { readonly queued: number; readonly inFlight: number; readonly failed: number };
}

/** Transactions for transactional handlers. */
export interface Transactions {
  /**
   * Writes `batch`, then calls `work`, both in one transaction; answers what `work` did, after the commit. Throws
   * `BatchConflict` as a commit does, and without calling `work`.
   */
  run<R>(batch: Batch, message: Envelope, work: (transaction: unknown) => Promise<R>): Promise<R>;
}

/** Where a service keeps its states and messages. A database that is behind is no failure: a migration may be running. */
export abstract class Storage {
  abstract readonly store: Store;
  abstract readonly relay: RunningRelay;
  /** Absent: a message that takes the process down is begun again each time. */
  readonly crashMarks?: CrashMarks;
  /** Absent: transactional handlers are refused. */
  readonly transactions?: Transactions;

  /** What the database lacks of what this release needs. */
  abstract missing(): Promise<readonly string[]>;

  /** Ids from before this moment may have been forgotten, in milliseconds since the epoch; null while none were. */
  abstract oldest(): number | null;

  /**
   * From now on makes room for the messages of the next days, and forgets those past their retention. Resolves
   * when `oldest` is known, with a function that ends it.
   */
  abstract maintain(): Promise<() => void>;
}
