import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { z } from 'zod';
import { root } from './repository.ts';
import { commentsIn, factsOf } from './setting-facts.ts';

const units: Readonly<Record<string, number>> = { s: 1_000, d: 86_400_000 };
/** Reads `90s` and `2d` as milliseconds, as the settings of times do. */
const span = z
  .string()
  .transform((text) => Number.parseInt(text, 10) * (units[text.at(-1) ?? ''] ?? Number.NaN));

it('reads type, default and rules out of a schema', () => {
  expect(factsOf(z.coerce.number().int().min(2).max(100_000).default(8))).toEqual({
    type: 'whole number',
    fallback: '8',
    isNeeded: false,
    rules: ['2 to 100,000'],
  });
  expect(factsOf(span.refine((ms) => ms <= 60_000_000, 'is at most a day').prefault('1d'))).toEqual(
    {
      type: 'time',
      fallback: '1d',
      isNeeded: false,
      rules: ['at most a day'],
    },
  );
  for (const [bound, rule] of [
    [(ms: number) => ms <= 15_000, 'is 15s at most'],
    [(ms: number) => ms >= 86_400_000, 'is a day at least'],
  ] as const)
    expect(factsOf(span.refine(bound, rule).prefault('1d'))).toMatchObject({ type: 'time' });
  expect(factsOf(z.enum(['a', 'b']).optional())).toMatchObject({
    type: 'one of a, b',
    isNeeded: false,
  });
  expect(factsOf(z.string().regex(/^x/, 'is no word such as x'))).toMatchObject({
    type: 'text',
    isNeeded: true,
    rules: ['word such as x'],
  });
  expect(factsOf(z.string().regex(/^[xy]/, 'is neither a x nor y'))).toMatchObject({
    rules: ['a x or y'],
  });
  expect(factsOf(z.stringbool().default(false))).toMatchObject({
    type: 'true or false',
    fallback: 'false',
  });
});

it('takes what a setting means from the comment above it, also of several lines', () => {
  const text = `/** One. */
    A_NAME: z.string(),
    OTHER: z.string(),
    /**
     * Two
     * lines.
     */
    B_NAME: z.string()`;
  expect(commentsIn(text)).toEqual([
    ['A_NAME', 'One.'],
    ['B_NAME', 'Two lines.'],
  ]);
});

it('shows no secret on the page', () => {
  const page = readFileSync(join(root, 'docs/settings.md'), 'utf8');
  expect(page).toMatch(/^\| `SERVICE_SECRET` \| secret \| for development \|/m);
  expect(page).toMatch(/^\| `DATABASE_POOL` \| whole number \| `8` \| 2 to 100 \|/m);
  expect(page).not.toMatch(/whsec_[A-Za-z0-9]|sk_test|development-(service-secret|key|encryption)/);
});
