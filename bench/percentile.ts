/** The value below which `part` (0 to 1) of the values lie; NaN without values. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

/** The middle value; NaN without values. */
export const median = (values: readonly number[]): number => percentile(values, 0.5);
