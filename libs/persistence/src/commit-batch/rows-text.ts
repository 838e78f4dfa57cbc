const unstorable = /\\u(?:0000|d[89a-f])/;

/**
 * Rows as JSON whose every string PostgreSQL can hold. What strangers sent must never keep its own dead letter
 * from being written, so U+0000 and lone surrogates become U+FFFD, and keys too long for an index are cut.
 */
export function rowsText(rows: readonly object[]): string {
  const text = JSON.stringify(rows);
  const long = rows.some((row) => keyOf(row).length > longestKey);
  if (!long && !unstorable.test(text)) return text;
  return JSON.stringify(rows.map(storable));
}

/** A value as JSON, whose every string PostgreSQL can hold. */
export function storableText(value: unknown): string {
  const text = JSON.stringify(value);
  if (!unstorable.test(text)) return text;
  return JSON.stringify(value, (_, each) => (typeof each === 'string' ? held(each) : each));
}

const held = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd');

/** True when PostgreSQL can hold the text as it is. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/** In characters; four bytes each still fit an index entry. */
const longestKey = 600;

function storable(row: object): object {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (typeof value !== 'string') return [name, value];
      const text = held(value);
      return [name, name === 'key' || name === 'k' ? text.slice(0, longestKey) : text];
    }),
  );
}

/** The message key of a row of the inbox (`k`), or of parked and dead messages (`key`). */
const keyOf = (row: { key?: unknown; k?: unknown }): string => String(row.key ?? row.k ?? '');
