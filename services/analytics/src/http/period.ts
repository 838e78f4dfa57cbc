import { givenInstant } from '@waybill/contracts';
import { Problem } from '@waybill/http';

/** Spread it into the query schema of a route that reads a period. */
export const periodQuery = { from: givenInstant.optional(), to: givenInstant.optional() };

/** From `from` up to, not including, `to`. */
export interface Span {
  readonly from: Date;
  readonly to: Date;
}

/** How long a period is by default, and at most, in milliseconds; `name` is that of the longest. */
export interface PeriodLimits {
  readonly usual: number;
  readonly longest: number;
  readonly name: string;
}

export const hour = 3_600_000;
export const day = 24 * hour;
export const upToAWeek: PeriodLimits = { usual: hour, longest: 7 * day, name: 'seven days' };

/** Throws a 400 problem for a period that is empty; one with an open end is not. */
export function checkPeriod({
  from,
  to,
}: {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}): void {
  if (from === undefined || to === undefined) return;
  periodOf({ from, to }, new Date(to), {
    usual: hour,
    longest: Number.POSITIVE_INFINITY,
    name: '',
  });
}

/** The period that a caller requested; throws a 400 problem for an empty or a longer one. */
export function periodOf(
  query: { readonly from?: string | undefined; readonly to?: string | undefined },
  now: Date,
  { usual, longest, name }: PeriodLimits = upToAWeek,
): Span {
  const to = query.to === undefined ? now : new Date(query.to);
  const from = query.from === undefined ? new Date(to.getTime() - usual) : new Date(query.from);
  const length = to.getTime() - from.getTime();
  if (length > 0 && length <= longest) return { from, to };
  const message = length <= 0 ? 'is not before `to`' : `is more than ${name} before \`to\``;
  throw new Problem(400, 'invalid_request', `the period from ${from.toISOString()} ${message}`, {
    errors: [{ path: '/from', message }],
  });
}
