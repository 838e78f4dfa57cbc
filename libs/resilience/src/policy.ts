/** `open`: calls are refused. `half-open`: a few probes decide whether it closes again. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** A call of the outside; it should stop when the signal aborts. */
export type Call<T> = (signal: AbortSignal) => Promise<T>;

/** One protection around a call. Policies know nothing of each other; a pipeline nests them. */
export interface Policy {
  run<T>(call: Call<T>, signal: AbortSignal): Promise<T>;
  /** Present on circuit breakers. */
  readonly breaker?: {
    state(): BreakerState;
    onChange(listener: (state: BreakerState) => void): void;
  };
}

/** Makes a policy for the pipeline of that name; its errors say the name. */
export type PolicyFor = (pipeline: string) => Policy;
