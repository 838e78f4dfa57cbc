import { z } from 'zod';

interface SecretMark {
  readonly secret: true;
  readonly development: string | null;
}

const marks = new WeakMap<object, SecretMark>();

/** A setting that is never shown. `development` is a default for development: a deployed service refuses to start with it. */
export function secret(development?: string) {
  const text = z.string().min(1);
  const schema = development === undefined ? text : text.default(development);
  marks.set(schema, { secret: true, development: development ?? null });
  return schema as z.ZodType<string, string | undefined>;
}

/** The secret settings of a schema, with their development values. */
export function secretsOf(schema: z.ZodType): ReadonlyMap<string, string | null> {
  const found = new Map<string, string | null>();
  for (const [name, field] of Object.entries(shapeOf(schema))) {
    const mark = markOf(field);
    if (mark) found.set(name, mark.development);
  }
  return found;
}

/** The names of all settings of a schema. */
export const settingsOf = (schema: z.ZodType): readonly string[] => Object.keys(shapeOf(schema));

function shapeOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> {
  if (schema instanceof z.ZodObject) return schema.shape as Record<string, z.ZodType>;
  if (schema instanceof z.ZodPipe) return shapeOf(schema.def.in as z.ZodType);
  return {};
}

/** Unwraps `.optional()`, `.default()` and `.transform()` around the secret. */
function markOf(schema: z.ZodType): SecretMark | undefined {
  const own = marks.get(schema);
  if (own) return own;
  const { innerType, in: input } = schema.def as { innerType?: z.ZodType; in?: z.ZodType };
  const inner = innerType ?? input;
  return inner ? markOf(inner) : undefined;
}
