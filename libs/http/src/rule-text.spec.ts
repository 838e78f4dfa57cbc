import { expect, it } from '@jest/globals';
import { z } from 'zod';
import { ruleText } from './rule-text.ts';

const byMethod = z.discriminatedUnion('method', [
  z.object({ method: z.literal('card') }),
  z.object({ method: z.literal('credit') }),
]);
const rows: readonly [rule: string, value: unknown, schema: z.ZodType][] = [
  ['is missing', undefined, z.string()],
  ['is a string', 7, z.string()],
  ['is a string', null, z.string()],
  ['is a whole number', 1.5, z.int()],
  ['is a number', '7', z.number()],
  ['is an object', [], z.strictObject({})],
  ['is a list', {}, z.array(z.string())],
  ['is true or false', 1, z.boolean()],
  ['is a string or a number or null', [], z.union([z.string(), z.number(), z.null()])],
  ['is missing', undefined, z.union([z.string(), z.number()])],
  ['is standard or express', 'slow', z.enum(['standard', 'express'])],
  ['is card', 'cash', z.literal('card')],
  ['is at least 1', 0, z.int().min(1)],
  ['is at most 999', 1_000, z.int().max(999)],
  ['is more than 0', 0, z.number().positive()],
  ['is less than 1', 1, z.number().lt(1)],
  ['has at least 1 character', '', z.string().min(1)],
  ['has at most 500 characters', 'x'.repeat(501), z.string().max(500)],
  ['has at least 1 entry', [], z.array(z.int()).min(1)],
  ['has at most 2 entries', [1, 2, 3], z.array(z.int()).max(2)],
  ['is a UUID', '17', z.uuid()],
  ['is an e-mail address', 'ada', z.email()],
  ['is a time in UTC as in RFC 3339, such as 2026-11-28T12:00:00Z', 'today', z.iso.datetime()],
  ['is earliest or latest or a number', 'x', z.union([z.enum(['earliest', 'latest']), z.number()])],
  ['is card or credit', {}, byMethod],
  ['is card or credit', { method: 'cash' }, byMethod],
  ['is a multiple of 5', 3, z.number().multipleOf(5)],
  ['is not valid', 'b', z.string().regex(/^a/)],
  ['is not valid', 'b', z.string().refine(() => false)],
  ['starts with a', 'b', z.string().regex(/^a/, 'starts with a')],
];

it.each(rows)('says that a field %s: %j', (rule, value, schema) => {
  const { error } = schema.safeParse(value, { error: ruleText });
  expect(error?.issues.map(({ message }) => message)).toEqual([rule]);
});
