/** Two products that belong together, and how often they were found so. */
export interface Pair {
  readonly sku: string;
  readonly other: string;
  readonly times: number;
}

/** Of one basket or session, so that the pairs of a long one stay few. */
const mostTogether = 20;

/** Each product with each other one of a basket, both ways. */
export const pairsOf = (skus: readonly string[]): [string, string][] => {
  const some = [...new Set(skus)].slice(0, mostTogether);
  return some.flatMap((sku) =>
    some.flatMap((other): [string, string][] => (other === sku ? [] : [[sku, other]])),
  );
};

/** The pairs that a further product makes with those that the session has seen before, both ways. */
export function pairsWith(sku: string, seen: readonly string[]): [string, string][] {
  if (seen.includes(sku)) return [];
  return seen.slice(-mostTogether).flatMap((other): [string, string][] => [
    [sku, other],
    [other, sku],
  ]);
}

/** Counts equal pairs, in an order that is the same for all writers. */
export function countPairs(pairs: readonly (readonly [string, string])[]): Pair[] {
  const counts = new Map<string, Pair>();
  for (const [sku, other] of pairs) {
    const key = `${sku} ${other}`;
    counts.set(key, { sku, other, times: (counts.get(key)?.times ?? 0) + 1 });
  }
  return [...counts.keys()].sort().flatMap((key) => counts.get(key) ?? []);
}
