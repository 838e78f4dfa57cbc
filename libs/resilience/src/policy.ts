/** `open`: calls are refused. `half-open`: a few probes decide whether it closes again. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** A call to an external dependency; it should stop when the signal aborts. */
export type Call<T> = (signal: AbortSignal) => Promise<T>;

/** One protection around a call. Policies are independent of each other; a pipeline nests them. */
export interface Policy {
  run<T>(call: Call<T>, signal: AbortSignal): Promise<T>;
  /** Present on circuit breakers. */
  readonly breaker?: {
    state(): BreakerState;
    onChange(listener: (state: BreakerState) => void): void;
  };
}

/** Makes a policy for the pipeline of that name; its errors contain the name. */
export type PolicyFor = (pipeline: string) => Policy;
