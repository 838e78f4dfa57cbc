/** A duration as text: `250ms`, `1.5s`, `30s`, `15m`, `2h`, `7d`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const factors: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const form = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** A hundred years: added to or subtracted from now, it stays within the range of dates and databases. */
const longest = 36_500 * 86_400_000;

/** Like `duration`, for a span that may also be given in milliseconds. */
export const milliseconds = (span: number | Duration): number =>
  duration(typeof span === 'number' ? `${span}ms` : span);

/** Milliseconds of a duration, rounded: from 1 to a hundred years. Throws a `TypeError` for anything else. */
export function duration(text: string): number {
  const [, number, unit] = form.exec(text) ?? [];
  const factor = unit === undefined ? undefined : factors[unit];
  const span = Math.round(Number(number) * (factor ?? Number.NaN));
  if (!(span >= 1)) {
    throw new TypeError(`"${text}" is not a duration: write for example 250ms, 1.5s or 15m`);
  }
  if (span > longest) throw new TypeError(`"${text}" is more than a hundred years`);
  return span;
}
