/** The JSON of `body` with one of its values replaced, for every value in it and every replacement in `values`. */
export function* spoilt(body: unknown, values: readonly string[]): Generator<string> {
  yield* values;
  for (const write of placesOf(body)) for (const value of values) yield write(value);
}

/** For every value within `value`, a function that writes its JSON with another value instead. */
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
