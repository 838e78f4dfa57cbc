/**
 * Divides `amount` in proportion to `weights`, without loss: each part is rounded down, and the units that are left go to the
 * parts that lost most, the first of equals first. Uses BigInt, because the products may exceed the safe integers.
 */
export function apportion(amount: number, weights: readonly number[]): number[] {
  const whole = weights.reduce((sum, weight) => sum + BigInt(weight), 0n);
  if (whole === 0n) return weights.map(() => 0);
  const exact = weights.map((weight) => BigInt(amount) * BigInt(weight));
  const parts = exact.map((each) => Number(each / whole));
  const lost = exact.map((each) => each % whole);
  const left = amount - parts.reduce((sum, part) => sum + part, 0);
  const next = [...lost.keys()].sort((a, b) => Number((lost[b] ?? 0n) - (lost[a] ?? 0n)) || a - b);
  for (const index of next.slice(0, left)) parts[index] = (parts[index] ?? 0) + 1;
  return parts;
}
