import type { Fault, FaultEffect } from './fault-points.ts';

/** A point where operators can inject a fault, with the one that is set; without one, share and latency are 0. */
export interface FaultReport extends Fault {
  readonly name: string;
  readonly service: string;
  /** What fails or is late. */
  readonly about: string;
  readonly effect: FaultEffect;
  readonly setBy: string | null;
  readonly setAt: string | null;
}

/** The faults of one service, wherever it runs. */
export interface FaultAccess {
  list(): Promise<readonly FaultReport[]>;
  /** Applies here at once, and in the other replicas within a second. Share and latency 0: it is off. */
  set(name: string, fault: Fault, by: string): Promise<FaultReport>;
  /** All off. */
  clear(by: string): Promise<void>;
}

/** The largest latency that can be injected, in milliseconds. */
export const longestLatency = 60_000;
