import type { JourneyRow } from './journey.ts';

/**
 * Puts rows of several services in causal order: a message follows the message that caused it, whatever their clocks show. Times
 * decide only between messages that did not cause each other.
 */
export function causalOrder(rows: readonly JourneyRow[]): readonly JourneyRow[] {
  const { open, caused } = byCause(rows);
  open.sort(earlier);
  const ordered: JourneyRow[] = [];
  const seen = new Set<string>();
  for (let row = open.shift(); row; row = open.shift()) {
    ordered.push(row);
    if (seen.has(row.messageId)) continue;
    seen.add(row.messageId);
    for (const next of caused.get(row.messageId) ?? []) insert(open, next);
  }
  return ordered;
}

/** `open`: rows that no other row caused. */
function byCause(rows: readonly JourneyRow[]) {
  const known = new Set(rows.map(({ messageId }) => messageId));
  const caused = new Map<string, JourneyRow[]>();
  const open: JourneyRow[] = [];
  for (const row of rows) {
    const cause = row.causationId;
    if (cause === null || cause === row.messageId || !known.has(cause)) open.push(row);
    else caused.set(cause, [...(caused.get(cause) ?? []), row]);
  }
  return { open, caused };
}

function insert(open: JourneyRow[], row: JourneyRow): void {
  const at = open.findIndex((other) => earlier(row, other) < 0);
  open.splice(at === -1 ? open.length : at, 0, row);
}

const earlier = (a: JourneyRow, b: JourneyRow): number =>
  compare(a.at, b.at) || compare(a.messageId, b.messageId) || compare(a.group, b.group);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
