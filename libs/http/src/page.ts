import { createHash } from 'node:crypto';
import { z } from 'zod';
import { parseJson } from './json-body.ts';
import { Problem } from './problem.ts';
import { wholeNumber } from './whole-number.ts';

/** What every list answers; `nextCursor` is null on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** Spread it into the query schema of a list: `z.strictObject({ ...paging, status: ... })`. */
export const paging = {
  limit: wholeNumber(1, 200).default(50),
  cursor: z.string().min(1).max(1_000).optional(),
};

/** What else a caller has asked of a list; a cursor belongs to it. What is undefined was not asked. */
export type ListFilter = Readonly<Record<string, string | number | undefined>>;

/** One page of a list as it was asked for. */
export interface Reading<K> {
  /** Where the page before ended; undefined on the first. */
  readonly after: K | undefined;
  /** How many items to read: one more than are shown, to know whether there is another page. */
  readonly take: number;
  /** The page of what was read; `placeOf` says where the next one goes on. */
  page<T>(items: readonly T[], placeOf: (last: T) => K): Page<T>;
}

/**
 * A list that is read page by page. Its cursors are opaque, and name a place in this list under this filter: what
 * anything else made is a 400 problem.
 */
export class PagedList<K> {
  /** `name` tells it from every other list of the system; `place` is what a cursor holds. */
  constructor(
    private readonly name: string,
    private readonly place: z.ZodType<K>,
  ) {}

  read(
    asked: { readonly limit: number; readonly cursor?: string | undefined },
    filter: ListFilter = {},
  ): Reading<K> {
    const mark = this.markOf(filter);
    return {
      after: this.placeIn(asked.cursor, mark),
      take: asked.limit + 1,
      page: (items, placeOf) => {
        const shown = items.slice(0, asked.limit);
        const last = shown.at(-1);
        const more = items.length > asked.limit && last !== undefined;
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

  /** Short: it tells lists from one another, and protects nothing. */
  private markOf(filter: ListFilter): string {
    const asked = Object.entries(filter).filter(([, value]) => value !== undefined);
    const text = JSON.stringify([this.name, ...asked.sort(([a], [b]) => (a < b ? -1 : 1))]);
    return createHash('sha256').update(text).digest('base64url').slice(0, 8);
  }
}

const written = (mark: string, key: unknown): string =>
  Buffer.from(JSON.stringify([mark, key])).toString('base64url');

/** As strict as bodies are: what the database cannot hold must not reach it by a cursor either. */
function decoded(cursor: string): readonly unknown[] {
  try {
    const value = parseJson(Buffer.from(cursor, 'base64url'));
    return Array.isArray(value) && value.length === 2 ? value : [];
  } catch {
    return [];
  }
}
