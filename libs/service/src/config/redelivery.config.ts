import type { z } from 'zod';
import { timeSpan } from './time-span.ts';

/** Variables of a service that recognises repeated messages by rows of its own; spread them into the schema of its settings. */
export const redeliveryVariables = {
  /** How late a broker may redeliver a message. */
  LONGEST_REDELIVERY: timeSpan.prefault('7d'),
};

/** Refuses the retention `name` of such rows unless it is longer than a broker may take to redeliver a message. */
export const outlastsRedelivery =
  <N extends string>(name: N) =>
  (
    env: { readonly [name in N | 'LONGEST_REDELIVERY']: number },
    { addIssue }: Pick<z.RefinementCtx, 'addIssue'>,
  ): void => {
    const { [name]: kept, LONGEST_REDELIVERY: longest } = env;
    if (kept > longest) return;
    const message = `is not longer than LONGEST_REDELIVERY, ${longest / 86_400_000} days: what comes again must still be known`;
    addIssue({ code: 'custom', path: [name], message });
  };
