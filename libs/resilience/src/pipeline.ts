import type { BreakerState, Call, Policy, PolicyFor } from './policy.ts';

/** The outcome of one call; `refused` calls were never made. */
export type Ending = 'ok' | 'failed' | 'timed_out' | 'refused';

/** Receives the events that metrics and health show. It must not throw. */
export interface PipelineListener {
  stateChanged?(pipeline: Pipeline, state: BreakerState): void;
  called?(pipeline: Pipeline, ending: Ending, ms: number): void;
}

/** The calls to one external dependency: its policies wrap every call, outermost first. */
export class Pipeline {
  private running = 0;
  private readonly policies: readonly Policy[];

  constructor(
    readonly name: string,
    policies: readonly PolicyFor[],
    private readonly listeners: Iterable<PipelineListener> = [],
  ) {
    this.policies = policies.map((make) => make(name));
    for (const { breaker } of this.policies) {
      breaker?.onChange((state) => {
        for (const each of this.listeners) each.stateChanged?.(this, state);
      });
    }
  }

  /** The breaker's state; `closed` without one. */
  state(): BreakerState {
    const states = this.policies.map(({ breaker }) => breaker?.state() ?? 'closed');
    return states.find((state) => state !== 'closed') ?? 'closed';
  }

  /** The number of calls that are running or waiting. */
  inFlight(): number {
    return this.running;
  }

  /** Makes the call, unless a policy refuses it. */
  // A separate signal for each call, because policies add listeners to it and a shared one would accumulate them.
  async run<T>(call: Call<T>, signal: AbortSignal = new AbortController().signal): Promise<T> {
    const nested = this.policies.reduceRight<Call<T>>(
      (inner, policy) => (inherited) => policy.run(inner, inherited),
      call,
    );
    const startedAt = performance.now();
    this.running += 1;
    try {
      const result = await nested(signal);
      this.tell('ok', startedAt);
      return result;
    } catch (error) {
      this.tell(endingOf(error), startedAt);
      throw error;
    } finally {
      this.running -= 1;
    }
  }

  private tell(ending: Ending, startedAt: number): void {
    for (const each of this.listeners) each.called?.(this, ending, performance.now() - startedAt);
  }
}

function endingOf(error: unknown): Ending {
  const { code } = (error ?? {}) as { code?: unknown };
  if (code === 'timed_out') return 'timed_out';
  return code === 'circuit_open' || code === 'bulkhead_full' ? 'refused' : 'failed';
}
