/** Relay times of a system since its start, from its metrics: the number of messages by the upper bound in seconds. */
export type RelayTimes = ReadonlyMap<number, number>;

/** Reads them from the gateway, for all services together. */
export async function relayTimes(url: string): Promise<RelayTimes> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const times = new Map<number, number>();
  for (const [, le = '', count] of text.matchAll(
    /^waybill_relay_seconds_bucket\{[^}]*le="([^"]+)"[^}]*\} (\d+)/gm,
  )) {
    const bound = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le);
    times.set(bound, (times.get(bound) ?? 0) + Number(count));
  }
  return times;
}

/** The 99th percentile of the relay times between two readings, in milliseconds, as a histogram bound; null without messages. */
export function relayLagP99(earlier: RelayTimes, later: RelayTimes): number | null {
  const counts = [...later]
    .map(([bound, count]) => [bound, count - (earlier.get(bound) ?? 0)] as const)
    .sort(([a], [b]) => a - b);
  const all = counts.at(-1)?.[1] ?? 0;
  if (all === 0) return null;
  const found = counts.find(([, count]) => count >= all * 0.99);
  return (found?.[0] ?? Number.POSITIVE_INFINITY) * 1000;
}
