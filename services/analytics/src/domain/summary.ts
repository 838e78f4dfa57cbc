/** In whole minor units, rounded half away from zero; null if there is nothing to divide by. */
export function average(sum: number, count: number): number | null {
  if (count === 0) return null;
  const rest = sum % count;
  return (sum - rest) / count + (2 * rest >= count ? 1 : 0);
}

/** Adds the counts, field by field. */
export function addUp<N extends string>(
  names: readonly N[],
  rows: readonly Readonly<Record<N, number>>[],
): Record<N, number> {
  const sums = Object.fromEntries(names.map((name) => [name, 0])) as Record<N, number>;
  for (const row of rows) for (const name of names) sums[name] += row[name];
  return sums;
}
