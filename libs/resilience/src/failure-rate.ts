import { CircuitState, type IBreaker } from 'cockatiel';
import { type Duration, duration } from './duration.ts';

/** Makes the condition on which a breaker opens; called once per breaker. */
export type Opens = () => IBreaker;

const slots = 10;

interface Slot {
  /** The period that the slot counts; an older slot is stale, not empty, until it is reused. */
  period: number;
  calls: number;
  failures: number;
}

/** Opens when this share of the calls within the last `over` failed, once there were `atLeast` calls. */
export const failureRate =
  (share: number, options: { over: Duration; atLeast: number }): Opens =>
  () =>
    new FailureRate(share, duration(options.over), options.atLeast);

class FailureRate implements IBreaker {
  // Only cockatiel's own snapshots read it, and none are taken.
  state: unknown;
  private readonly counts: Slot[] = [];
  private readonly slotMs: number;

  constructor(
    private readonly share: number,
    windowMs: number,
    private readonly atLeast: number,
  ) {
    this.slotMs = windowMs / slots;
    this.clear();
  }

  success(state: CircuitState): void {
    if (state === CircuitState.HalfOpen) this.clear();
    this.slot().calls += 1;
  }

  failure(state: CircuitState): boolean {
    const slot = this.slot();
    slot.calls += 1;
    slot.failures += 1;
    if (state !== CircuitState.Closed) return true;
    const { calls, failures } = this.total(slot.period);
    return calls >= this.atLeast && failures >= this.share * calls;
  }

  private slot(): Slot {
    const period = Math.floor(Date.now() / this.slotMs);
    const slot = this.counts[period % slots] as Slot;
    if (slot.period !== period) Object.assign(slot, { period, calls: 0, failures: 0 });
    return slot;
  }

  private total(now: number): { calls: number; failures: number } {
    let calls = 0;
    let failures = 0;
    for (const slot of this.counts) {
      // Slots ahead of now date from before the clock was set back.
      if (slot.period <= now - slots || slot.period > now) continue;
      calls += slot.calls;
      failures += slot.failures;
    }
    return { calls, failures };
  }

  private clear(): void {
    for (let i = 0; i < slots; i += 1) this.counts[i] = { period: -slots, calls: 0, failures: 0 };
  }
}
