/** A length of time as people write it: `250ms`, `1.5s`, `30s`, `15m`, `2h`, `7d`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const factors: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const form = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** A hundred years: from now on or before now, that is a moment which dates and databases can hold. */
const longest = 36_500 * 86_400_000;

/** The same for a length of time that may be given in milliseconds as well. */
export const milliseconds = (span: number | Duration): number =>
  duration(typeof span === 'number' ? `${span}ms` : span);

/** Milliseconds of a duration, rounded: 1 up to a hundred years. Throws a `TypeError` on anything that is not one. */
export function duration(text: string): number {
  const [, number, unit] = form.exec(text) ?? [];
  const factor = unit === undefined ? undefined : factors[unit];
  const span = Math.round(Number(number) * (factor ?? Number.NaN));
  if (!(span >= 1)) {
    throw new TypeError(`"${text}" is no duration: write for example 250ms, 1.5s or 15m`);
  }
  if (span > longest) throw new TypeError(`"${text}" is more than a hundred years`);
  return span;
}
