import { expect, it } from '@jest/globals';
import { z } from 'zod';
import type { Problem } from './problem.ts';
import { ValidationPipe } from './validation.pipe.ts';

const to = z.union([z.enum(['earliest', 'latest']), z.int()], 'is a place');
const one = z.strictObject({ name: z.string() });

it.each<[value: unknown, schema: z.ZodType, detail: string, path: string]>([
  [undefined, one, 'the body is missing', ''],
  [[], one, 'the body is an object', ''],
  [{ name: 1 }, one, 'the body: /name is a string', '/name'],
  [{ to: 'x' }, z.object({ to }), 'the body: /to is a place', '/to'],
  [{}, z.object({ to }), 'the body: /to is a place', '/to'],
  [[{}], z.union([one, z.array(one)]), 'the body: /0/name is missing', '/0/name'],
  [[], z.union([one, z.array(one).min(1)]), 'the body has at least 1 entry', ''],
  [
    { longer: 1 },
    z.record(z.string().max(3), z.int()),
    'the body: /longer has at most 3 characters',
    '/longer',
  ],
])('says what is wrong with %j, and where', (value, schema, detail, path) => {
  let problem: Problem | undefined;
  try {
    new ValidationPipe().transform(value, { type: 'body', schema } as never);
  } catch (error) {
    problem = error as Problem;
  }
  expect(problem).toMatchObject({ status: 400, code: 'invalid_request', detail });
  expect(problem?.errors?.[0]?.path).toBe(path);
});
