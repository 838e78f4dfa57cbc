import { partitionOf } from '@waybill/message';
import type { InboxRow } from '@waybill/messaging';
import { storableText } from './commit-batch/rows-text.ts';

/** Columns that the inbox fills only for a message that is deferred, dead or discarded; null once it is applied. */
export const told = [
  'key',
  'type',
  'source',
  'correlation_id',
  'causation_id',
  'channel',
  'broker',
  'attempt',
  'outcome',
  'at',
  'duration_ms',
];

/** The columns of the view `handled`: those of the inbox, and what processing the message did. */
const handledColumns = ['group_name', 'message_id', ...told, 'notes'].join(', ');

/** The same columns from the inbox, which has no notes. */
const handledFromInbox = `select group_name, message_id, ${told.join(', ')}, null::json as notes from inbox where key is not null`;

/** Finds the pages that may contain a key; other keys may share the value, so the key itself decides. */
export const pageKey = (key: string): number => partitionOf(key, 2 ** 31 - 1);

/**
 * The body of a page, which SQL reads with `rows_of`: `k` has the values that many messages share, `r` has the
 * messages, each with the index of its shared values. A correlation id that equals the key is omitted.
 */
export function pageBody(rows: readonly InboxRow[]): string {
  const places = new Map<string, number>();
  const shared: unknown[] = [];
  const messages = rows.map((row) => {
    const { group, type, source, channel, broker, at } = row;
    const name = `${group} ${type} ${source} ${channel} ${broker} ${at}`;
    let place = places.get(name);
    if (place === undefined) {
      place = shared.push([group, type, source, channel, broker, at]) - 1;
      places.set(name, place);
    }
    const { messageId, key, correlationId, causationId, attempt, durationMs, notes } = row;
    const correlation = correlationId === key ? null : correlationId;
    const told = [place, messageId, key, correlation, causationId, attempt, Math.round(durationMs)];
    return notes ? [...told, notes] : told;
  });
  return storableText({ k: shared, r: messages });
}

/**
 * SQL that selects the processed messages of some keys, with the columns of `handled`. The parameters are an array of
 * keys and an array of their `pageKey`.
 */
export const handledOf = (keys: string, pageKeys: string): string =>
  `select ${handledColumns} from (${handledFromInbox} and key = any(${keys})) waiting
  union all select r.* from journey_page, rows_of(body) r
    where keys && ${pageKeys}::integer[] and r.key = any(${keys})`;
