import { duration } from '@waybill/resilience';
import { z } from 'zod';

/** A setting such as `250ms`, `20s`, `15m` or `30d`, converted to milliseconds. */
export const timeSpan = z.string().transform((text, context) => {
  try {
    return duration(text);
  } catch {
    context.addIssue('is a length of time such as 250ms, 20s, 15m or 30d, up to a hundred years');
    return z.NEVER;
  }
});
