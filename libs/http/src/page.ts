import { createHash } from 'node:crypto';
import { z } from 'zod';
import { parseJson } from './json-body.ts';
import { Problem } from './problem.ts';
import { wholeNumber } from './whole-number.ts';

/** The response of every list; `nextCursor` is null on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** Spread it into the query schema of a list: `z.strictObject({ ...paging, status: ... })`. */
export const paging = {
  limit: wholeNumber(1, 200).default(50),
  cursor: z.string().min(1).max(1_000).optional(),
};

/** The caller's filter of a list; a cursor belongs to it. An undefined value is not part of the filter. */
export type ListFilter = Readonly<Record<string, string | number | undefined>>;

/** The page of a list that a caller requested. */
export interface Reading<K> {
  /** The place where the previous page ended; undefined on the first. */
  readonly after: K | undefined;
  /** How many items to read: one more than are returned, to know whether there is another page. */
  readonly take: number;
  /** The page of the items read; `placeOf` returns the place where the next page continues. */
  page<T>(items: readonly T[], placeOf: (last: T) => K): Page<T>;
}

/**
 * A list that is read page by page. Its cursors are opaque and valid for this list under this filter only; every other
 * cursor is a 400 problem.
 */
export class PagedList<K> {
  /** `name` distinguishes it from every other list of the system; `place` is the schema of a cursor's content. */
  constructor(
    private readonly name: string,
    private readonly place: z.ZodType<K>,
  ) {}

  read(
    requested: { readonly limit: number; readonly cursor?: string | undefined },
    filter: ListFilter = {},
  ): Reading<K> {
    const mark = this.markOf(filter);
    return {
      after: this.placeIn(requested.cursor, mark),
      take: requested.limit + 1,
      page: (items, placeOf) => {
        const shown = items.slice(0, requested.limit);
        const last = shown.at(-1);
        const more = items.length > requested.limit && last !== undefined;
        return { items: shown, nextCursor: more ? written(mark, placeOf(last)) : null };
      },
    };
  }

  private placeIn(cursor: string | undefined, mark: string): K | undefined {
    if (cursor === undefined) return undefined;
    const [made, key] = decoded(cursor);
    const parsed = made === mark ? this.place.safeParse(key) : undefined;
    if (parsed?.success && written(mark, parsed.data) === cursor) return parsed.data;
    throw new Problem(400, 'invalid_request', 'the cursor was not made by this list', {
      errors: [{ path: '/cursor', message: 'was not made by this list with this filter' }],
    });
  }

  /** A short hash: it distinguishes lists from each other, and protects nothing. */
  private markOf(filter: ListFilter): string {
    const requested = Object.entries(filter).filter(([, value]) => value !== undefined);
    const text = JSON.stringify([this.name, ...requested.sort(([a], [b]) => (a < b ? -1 : 1))]);
    return createHash('sha256').update(text).digest('base64url').slice(0, 8);
  }
}

const written = (mark: string, key: unknown): string =>
  Buffer.from(JSON.stringify([mark, key])).toString('base64url');

/** As strict as for bodies, because a cursor must not carry anything to the database that it cannot store. */
function decoded(cursor: string): readonly unknown[] {
  try {
    const value = parseJson(Buffer.from(cursor, 'base64url'));
    return Array.isArray(value) && value.length === 2 ? value : [];
  } catch {
    return [];
  }
}
