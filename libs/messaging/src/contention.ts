import { refName, type StateRef } from './state.ts';
import { BatchConflict } from './store.ts';

const leastLocks = 16;
const mostLocks = 256;

/**
 * Whether states that many keys share are locked before a decision, or written at the version that was read. The latter
 * takes one round trip instead of four and succeeds while no other process writes them. After a lost race the next
 * batches take locks, more of them each time, so that two writers of one hot state do not rerun their batches forever.
 */
export class Contention {
  private locksLeft = 0;
  private locksAfterNext = leastLocks;

  /** Whether the current batch takes the locks. */
  takesLocks(): boolean {
    if (this.locksLeft === 0) return false;
    this.locksLeft -= 1;
    return true;
  }

  /** A batch was committed without locks. */
  won(): void {
    this.locksAfterNext = leastLocks;
  }

  /** A batch without locks was refused; the cause may be something other than these states. */
  lost(error: unknown, shared: readonly StateRef[]): void {
    if (!(error instanceof BatchConflict)) return;
    const { reason, what } = error;
    const isOfThese =
      reason === 'serialization' ||
      (reason === 'version' && shared.some((ref) => what.includes(refName(ref))));
    if (!isOfThese) return;
    this.locksLeft = this.locksAfterNext;
    this.locksAfterNext = Math.min(mostLocks, this.locksAfterNext * 2);
  }
}
