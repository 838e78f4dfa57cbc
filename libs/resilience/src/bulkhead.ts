import { bulkhead as cockatielBulkhead, isBulkheadRejectedError } from 'cockatiel';
import { BulkheadFull } from './errors.ts';
import type { PolicyFor } from './policy.ts';

/** Runs at most `calls` calls at once; `queue` more wait in order, and the rest fail with `BulkheadFull`. */
export const bulkhead =
  (limits: { calls: number; queue: number }): PolicyFor =>
  (pipeline) => {
    const policy = cockatielBulkhead(limits.calls, limits.queue);
    return {
      async run(call, signal) {
        try {
          return await policy.execute((context) => call(context.signal), signal);
        } catch (error) {
          if (isBulkheadRejectedError(error)) throw new BulkheadFull(pipeline);
          throw error;
        }
      },
    };
  };
