import type { Entry } from './entry.ts';

/** What became of messages. */
export interface Count {
  /** Messages that the publisher knows to be taken. */
  readonly confirmed: number;
  /** Confirmed messages that no consumer received. */
  readonly lost: number;
  /** Receipts of a message that had been received before. */
  readonly duplicated: number;
  /** Messages received after a later one of their key; a duplicate is not counted again. */
  readonly outOfOrder: number;
}

const nameOf = ({ key, seq }: Entry): string => `${key} ${seq}`;

/** Compares the records of the publisher and of all consumers. Messages that were received but not confirmed are not lost. */
export function countOf(confirmed: readonly Entry[], received: readonly Entry[]): Count {
  const seen = new Set<string>();
  const latest = new Map<string, number>();
  let duplicated = 0;
  let outOfOrder = 0;
  for (const entry of received) {
    const name = nameOf(entry);
    if (seen.has(name)) {
      duplicated += 1;
      continue;
    }
    seen.add(name);
    const last = latest.get(entry.key) ?? -1;
    if (entry.seq < last) outOfOrder += 1;
    else latest.set(entry.key, entry.seq);
  }
  const lost = confirmed.filter((entry) => !seen.has(nameOf(entry))).length;
  return { confirmed: confirmed.length, lost, duplicated, outOfOrder };
}

/** Milliseconds from the publication to the first receipt, of each message that was received. */
export function latenciesOf(published: readonly Entry[], received: readonly Entry[]): number[] {
  const receivedAt = new Map<string, number>();
  for (const entry of received) {
    const name = nameOf(entry);
    if (!receivedAt.has(name)) receivedAt.set(name, entry.at);
  }
  return published.flatMap((entry) => {
    const at = receivedAt.get(nameOf(entry));
    return at === undefined ? [] : [at - entry.at];
  });
}

/** Messages per second from the first publication to the last receipt; NaN when nothing was received. */
export function perSecond(published: readonly Entry[], received: readonly Entry[]): number {
  if (received.length === 0) return Number.NaN;
  const begin = published.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY);
  const end = received.reduce((most, { at }) => Math.max(most, at), 0);
  return (received.length / (end - begin)) * 1000;
}
