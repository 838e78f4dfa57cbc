import type { z } from 'zod';
import { type FieldViolation, Refusal } from './refusal.ts';

const mostViolations = 20;

/** The request as parsed by its schema; throws INVALID_ARGUMENT, which names each invalid field. */
export function checked<T>(schema: z.ZodType<T>, request: unknown): T {
  const { success, data, error } = schema.safeParse(request);
  if (success) return data;
  const violations = error.issues.slice(0, mostViolations).map(violationOf);
  const [first] = violations;
  throw new Refusal('INVALID_ARGUMENT', `${first?.field} ${first?.description}`, {
    reason: 'invalid_request',
    violations,
  });
}

const violationOf = ({ path, message }: z.core.$ZodIssue): FieldViolation => ({
  field: pathOf(path),
  description: message.slice(0, 300),
});

const pathOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) =>
      typeof part === 'number'
        ? `${text}[${part}]`
        : text
          ? `${text}.${String(part)}`
          : String(part),
    '',
  ) || 'the request';
