import {
  CircuitState,
  circuitBreaker as cockatielBreaker,
  handleWhen,
  isBrokenCircuitError,
} from 'cockatiel';
import { type Duration, duration } from './duration.ts';
import { BreakerOpen, isTransient } from './errors.ts';
import type { Opens } from './failure-rate.ts';
import type { BreakerState, PolicyFor } from './policy.ts';

export interface BreakerOptions {
  readonly opensAt: Opens;
  readonly staysOpen: Duration;
  /** Which errors count as failures of the dependency (a declined card does not); default: `isTransient`. */
  readonly counts?: (error: unknown) => boolean;
}

const names: Readonly<Record<CircuitState, BreakerState>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Isolated]: 'open',
};

/**
 * Stops calling a failing dependency: calls fail with `BreakerOpen`. After `staysOpen` one probe decides; calls that
 * arrive meanwhile wait for it.
 */
export const circuitBreaker =
  (options: BreakerOptions): PolicyFor =>
  (pipeline) => {
    const policy = cockatielBreaker(handleWhen(options.counts ?? isTransient), {
      breaker: options.opensAt(),
      halfOpenAfter: duration(options.staysOpen),
    });
    return {
      async run(call, signal) {
        try {
          return await policy.execute((context) => call(context.signal), signal);
        } catch (error) {
          if (isBrokenCircuitError(error)) throw new BreakerOpen(pipeline);
          throw error;
        }
      },
      breaker: {
        state: () => names[policy.state],
        onChange: (listener) => void policy.onStateChange((state) => listener(names[state])),
      },
    };
  };
