import { z } from 'zod';

/** Replaces a sensitive value. */
export const mask = '***';

/** A masked e-mail address: `a***@example.com`. */
export function maskedEmail(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 1 ? mask : `${address.slice(0, 1)}${mask}${address.slice(at)}`;
}

/** A copy of `data` in which every field that its schema marks as `sensitive()` is `***`. */
export function masked(schema: z.ZodType, data: unknown): unknown {
  if (schema.meta()?.['sensitive'] === true) return data == null ? data : mask;
  const inner = unwrapped(schema);
  if (inner !== schema) return masked(inner, data);
  if (schema instanceof z.ZodObject && isRecord(data)) {
    const shape = schema.shape as Record<string, z.ZodType>;
    return Object.fromEntries(
      Object.entries(data).map(([name, value]) => {
        const field = Object.hasOwn(shape, name) ? shape[name] : undefined;
        return [name, field ? masked(field, value) : value];
      }),
    );
  }
  if (schema instanceof z.ZodArray && Array.isArray(data))
    return data.map((each) => masked(schema.element as z.ZodType, each));
  return data;
}

function unwrapped(schema: z.ZodType): z.ZodType {
  const wrapped =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodReadonly;
  return wrapped ? (schema.unwrap() as z.ZodType) : schema;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
