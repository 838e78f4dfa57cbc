import { z } from 'zod';

/** False for text with U+0000 or a lone surrogate, which PostgreSQL and UTF-8 cannot hold. */
export const isStorable = (text: string): boolean =>
  !text.includes('\u0000') && text.isWellFormed();

/** Text of `min` to `max` characters that every store and broker can carry. */
export const text = (min: number, max: number) =>
  z.string().min(min).max(max).refine(isStorable, 'holds U+0000 or a lone surrogate');

/** An RFC 3339 moment in UTC. */
export const instant = z.iso.datetime();

/** A moment that a caller sends: from 1970 on, with at most nine decimals, so that a database and an id can hold it. */
export const givenInstant = z.iso
  .datetime({ abort: true })
  .max(30, 'has more than nine decimals')
  .refine((at) => at >= '1970', 'is before 1970');

/** Keeps a field out of logs and masks it in dead letters, which recognize sensitive fields by this mark. */
export const sensitive = <S extends z.ZodType>(schema: S): S =>
  schema.meta({ sensitive: true }) as S;
