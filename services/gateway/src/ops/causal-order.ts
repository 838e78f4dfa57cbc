interface Caused {
  readonly messageId: string;
  readonly causationId: string | null;
  readonly name: string;
  readonly to: string;
}

/**
 * Puts the messages of a journey in causal order: each after the one that caused it, generation by generation.
 * Clocks of services are never compared. A message whose cause nobody has seen starts a line of its own.
 */
export function inCausalOrder<R extends Caused>(rows: readonly R[]): R[] {
  const causes = new Map(rows.map((row) => [row.messageId, row.causationId]));
  const depths = new Map<string, number>();
  const depthOf = (id: string): number => {
    const path: string[] = [];
    let at: string | null | undefined = id;
    while (at && causes.has(at) && !depths.has(at) && !path.includes(at)) {
      path.push(at);
      at = causes.get(at);
    }
    let depth = at ? (depths.get(at) ?? -1) : -1;
    for (const each of path.reverse()) {
      depth += 1;
      depths.set(each, depth);
    }
    return depths.get(id) ?? 0;
  };
  const key = (row: R): string => `${row.name}/${row.to}/${row.messageId}`;
  return [...rows].sort(
    (a, b) => depthOf(a.messageId) - depthOf(b.messageId) || (key(a) < key(b) ? -1 : 1),
  );
}
