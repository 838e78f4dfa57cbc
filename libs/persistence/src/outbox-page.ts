import type { OutboxRow } from '@waybill/messaging';

/** The rows of a batch that form one page: same broker, and published by this process itself. */
export interface PageRows {
  readonly broker: string;
  /** Their indexes in the batch. */
  readonly places: readonly number[];
}

/** A larger page would be too large a value to read back at once. */
const mostMessages = 2_000;

const isPaged = ({ own, dueAt }: OutboxRow): boolean => own && dueAt === null;

/** The indexes of rows that are stored singly: other processes publish them, or they are not due yet. */
export const singlesOf = (rows: readonly OutboxRow[]): readonly number[] =>
  rows.flatMap((row, place) => (isPaged(row) ? [] : [place]));

/** Groups the rows of a batch into pages. The same rows always give the same pages. */
export function pagesOf(rows: readonly OutboxRow[]): readonly PageRows[] {
  const open = new Map<string, number[]>();
  const pages: PageRows[] = [];
  rows.forEach((row, place) => {
    if (!isPaged(row)) return;
    let places = open.get(row.broker);
    if (!places || places.length === mostMessages) {
      places = [];
      open.set(row.broker, places);
      pages.push({ broker: row.broker, places });
    }
    places.push(place);
  });
  return pages;
}

/** One bit for each of the 64 outbox partitions, as a PostgreSQL `bigint`: the last one is the sign bit. */
export function outboxPartitionsMask(outboxPartitions: Iterable<number>): bigint {
  const words = [0, 0] as [number, number];
  for (const outboxPartition of outboxPartitions) {
    if (outboxPartition < 32) words[0] |= 1 << outboxPartition;
    else words[1] |= 1 << (outboxPartition - 32);
  }
  return BigInt.asIntN(64, (BigInt(words[1] >>> 0) << 32n) | BigInt(words[0] >>> 0));
}

/**
 * The stored form of a page: a head that locates each message (`lane, channel, key, start, bytes`), then their bytes.
 */
export function pageBytes(rows: readonly OutboxRow[]): {
  readonly head: string;
  readonly bodies: string;
} {
  const channels: string[] = [];
  let start = 0;
  const messages = rows.map(({ outboxPartition, channel, key, bytes }) => {
    let place = channels.indexOf(channel);
    if (place < 0) place = channels.push(channel) - 1;
    const message = [outboxPartition, place, key, start, bytes];
    start += bytes;
    return message;
  });
  return {
    head: JSON.stringify({ c: channels, m: messages }),
    bodies: rows.map(({ body }) => body).join(''),
  };
}
