/** The JSON of `body` as often as it has a value somewhere and there are `values`: each with that value replaced. */
export function* spoilt(body: unknown, values: readonly string[]): Generator<string> {
  yield* values;
  for (const write of placesOf(body)) for (const value of values) yield write(value);
}

/** How to write the JSON of a value with another one in its stead, for every value within. */
function* placesOf(value: unknown): Generator<(instead: string) => string> {
  if (typeof value !== 'object' || value === null) return;
  const isList = Array.isArray(value);
  const entries = Object.entries(value).map(([key, inner]) => ({
    key,
    json: JSON.stringify(inner),
  }));
  for (const [at, { key }] of entries.entries()) {
    const write = (instead: string): string => {
      const parts = entries.map((entry, i) => (i === at ? instead : entry.json));
      if (isList) return `[${parts.join(',')}]`;
      return `{${parts.map((part, i) => `${JSON.stringify(entries[i]?.key)}:${part}`).join(',')}}`;
    };
    yield write;
    for (const inner of placesOf((value as Record<string, unknown>)[key])) {
      yield (instead) => write(inner(instead));
    }
  }
}
