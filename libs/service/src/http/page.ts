import { z } from 'zod';
import { Problem } from './problem.ts';

/** What every list answers; `nextCursor` is null on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** Spread it into the query schema of a list: `z.strictObject({ ...paging, status: ... })`. */
export const paging = {
  limit: z
    .string()
    .regex(/^[0-9]{1,3}$/, 'is an integer from 1 to 200')
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= 200, 'is an integer from 1 to 200')
    .default(50)
    .meta({ override: { type: 'integer', minimum: 1, maximum: 200, default: 50 } }),
  cursor: z.string().min(1).max(1_000).optional(),
};

/**
 * Makes a page of `items`, which were read with one more than `limit`. `keyOf` names the place of the last item,
 * so that the next page can begin behind it.
 */
export function page<T>(items: readonly T[], limit: number, keyOf: (last: T) => unknown): Page<T> {
  const shown = items.slice(0, limit);
  const last = shown.at(-1);
  const more = items.length > limit && last !== undefined;
  return { items: shown, nextCursor: more ? writeCursor(keyOf(last)) : null };
}

/** A place in a list as opaque text. */
export const writeCursor = (key: unknown): string =>
  Buffer.from(JSON.stringify(key)).toString('base64url');

/** Reads what `writeCursor` made; undefined without a cursor, a 400 problem for anything else. */
export function readCursor<K>(cursor: string | undefined, schema: z.ZodType<K>): K | undefined {
  if (cursor === undefined) return undefined;
  const parsed = schema.safeParse(decoded(cursor));
  if (parsed.success && writeCursor(parsed.data) === cursor) return parsed.data;
  throw new Problem(400, 'invalid_request', 'the cursor was not made by this list', {
    errors: [{ path: '/cursor', message: 'was not made by this list' }],
  });
}

function decoded(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
