const unstorable = /\\u(?:0000|d[89a-f])/;

/**
 * Rows as JSON that PostgreSQL can store. A malformed message must not prevent its own dead letter from being written,
 * so U+0000 and lone surrogates become U+FFFD, and keys that are too long for an index are truncated.
 */
export function rowsText(rows: readonly object[]): string {
  const text = JSON.stringify(rows);
  const long = rows.some((row) => keyOf(row).length > longestKey);
  if (!long && !unstorable.test(text)) return text;
  return JSON.stringify(rows.map(storable));
}

/** A value as JSON that PostgreSQL can store: U+0000 and lone surrogates become U+FFFD. */
export function storableText(value: unknown): string {
  const text = JSON.stringify(value);
  if (!unstorable.test(text)) return text;
  return JSON.stringify(value, (_, each) => (typeof each === 'string' ? held(each) : each));
}

const held = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd');

/** True if PostgreSQL can store the text unchanged. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/** In characters; with four bytes each, they still fit an index entry. */
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

/** The message key of a row of the inbox (`k`), or of deferred messages and dead letters (`key`). */
const keyOf = (row: { key?: unknown; k?: unknown }): string => String(row.key ?? row.k ?? '');
