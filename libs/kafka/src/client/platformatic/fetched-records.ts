import type { RecordsBatch } from '@platformatic/kafka';
import { type StoredRecord, storedValue } from '../kafka-client.ts';

/** The attribute of a batch that holds markers of transactions, and nothing for us. */
const control = 1 << 5;

/** The records of a partition from an offset on, and the offset to be read next. */
export function recordsOf(
  batches: readonly RecordsBatch[],
  from: bigint,
): { readonly read: readonly StoredRecord[]; readonly end: bigint } {
  const read: StoredRecord[] = [];
  let end = from;
  for (const batch of batches) {
    const last = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
    if (last > end) end = last;
    if (batch.attributes & control) continue;
    for (const { offsetDelta, timestampDelta, key, value, headers } of batch.records) {
      const offset = batch.firstOffset + BigInt(offsetDelta);
      if (offset < from) continue;
      read.push({
        offset: Number(offset),
        timestamp: Number(batch.firstTimestamp + BigInt(timestampDelta)),
        key: key ? String(key) : null,
        ...storedValue(value),
        headers: headersOf(headers),
      });
    }
  }
  return { read, end };
}

/** The first of each name counts. */
function headersOf(headers: RecordsBatch['records'][number]['headers']): Map<string, string> {
  const read = new Map<string, string>();
  for (const [name, value] of headers ?? []) {
    if (!read.has(String(name)) && value) read.set(String(name), String(value));
  }
  return read;
}
