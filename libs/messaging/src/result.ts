import type { Outcome } from './store.ts';
import type { Work } from './work.ts';

/** What becomes of one work of the batch once it is committed. */
export interface Result {
  readonly work: Work;
  /** `left`: stays parked; `unasked`: its ask has not begun, it comes again. */
  readonly outcome: Outcome | 'duplicate' | 'left' | 'unasked';
  readonly answer?: unknown;
  /** A caller's decision refused: nothing is written for it. */
  readonly error?: unknown;
  /** +1 when a row was parked on its key, -1 when one went away. */
  readonly parkedChange: number;
  readonly retryAt?: number;
  /** Parked because its ask still went on when the batch was made. */
  readonly asking?: boolean;
  /** Dead, and its key waits for a person. */
  readonly held?: true;
}

/** The message is parked in the database, and so are those behind it. */
export const waits = ({ outcome, held }: Result): boolean =>
  outcome === 'parked' || outcome === 'left' || held === true;
