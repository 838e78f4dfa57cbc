import { timeout as cockatielTimeout, TimeoutStrategy } from 'cockatiel';
import { type Duration, duration } from './duration.ts';
import { TimedOut } from './errors.ts';
import type { PolicyFor } from './policy.ts';

/** Fails a call with `TimedOut` after this time, even if the call ignores its signal. */
export const timeout = (after: Duration): PolicyFor => {
  const ms = duration(after);
  const policy = cockatielTimeout(ms, {
    strategy: TimeoutStrategy.Aggressive,
    // Otherwise every call would end with an aborted signal, and the cause would be lost.
    abortOnReturn: false,
  });
  return (pipeline) => ({
    async run(call, signal) {
      let own: AbortSignal | undefined;
      try {
        return await policy.execute((context) => {
          own = context.signal;
          return call(context.signal);
        }, signal);
      } catch (error) {
        if (own?.aborted && !signal.aborted) throw new TimedOut(pipeline, ms);
        throw error;
      }
    },
  });
};
