import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import { pointerPart } from './json-body.ts';
import { type FieldError, invalidFields, type Problem } from './problem.ts';
import { ruleText } from './rule-text.ts';

const mostErrors = 20;
const wholes: Readonly<Record<string, string>> = {
  body: 'the body',
  query: 'the query',
  param: 'the path',
};

/** Validates `@Body`, `@Query` and `@Param` with the zod schema they name; throws a 400 problem that names each invalid field. */
export class ValidationPipe implements PipeTransform {
  transform(value: unknown, metadata: ArgumentMetadata): unknown {
    const schema = metadata.schema as z.ZodType | undefined;
    if (!schema || metadata.type === 'custom') return value;
    const parsed = schema.safeParse(value, { error: ruleText });
    if (parsed.success) return parsed.data;
    const base = metadata.data === undefined ? '' : `/${pointerPart(metadata.data)}`;
    throw invalidRequest(parsed.error, wholes[metadata.type] ?? 'the request', base);
  }
}

/** The 400 problem of a value that does not match its schema. */
export function invalidRequest(error: z.ZodError, whole: string, base = ''): Problem {
  const errors = error.issues.flatMap((issue) => fieldErrors(issue, base)).slice(0, mostErrors);
  return invalidFields(whole, errors);
}

function fieldErrors(issue: z.core.$ZodIssue, base: string): readonly FieldError[] {
  const path = base + issue.path.map((part) => `/${pointerPart(String(part))}`).join('');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: `${path}/${pointerPart(key)}`,
      message: 'is not a known property',
    }));
  }
  if (issue.code === 'invalid_key') return issue.issues.flatMap((key) => fieldErrors(key, path));
  const meant = issue.code === 'invalid_union' ? issue.errors.find(isOfItsKind) : undefined;
  if (meant) return meant.flatMap((inner) => fieldErrors(inner, path));
  return [{ path, message: issue.message.slice(0, 300) }];
}

/** What is wrong with a value that is of another kind. */
const kindCodes: ReadonlySet<string> = new Set(['invalid_type', 'invalid_value', 'invalid_format']);

/** The value has the kind of this member of the union, such as a list, so that its errors are the ones to report. */
const isOfItsKind = (issues: readonly z.core.$ZodIssue[]): boolean =>
  !issues.some(({ code, path }) => kindCodes.has(code) && path.length === 0);
