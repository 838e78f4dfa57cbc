import { z } from 'zod';
import type { Environment } from './environment.ts';

export interface SecretMark {
  readonly development: string | null;
  readonly isUsed: (env: Environment) => boolean;
}

const marks = new WeakMap<object, SecretMark>();

/**
 * A setting that is never shown. `development` is a default for development: a deployed service refuses to start with it, unless
 * `isUsed` says that the other settings make this one unnecessary.
 */
export function secret(development?: string, isUsed: SecretMark['isUsed'] = () => true) {
  const text = z.string().min(1);
  const schema = development === undefined ? text : text.default(development);
  marks.set(schema, { development: development ?? null, isUsed });
  return schema as z.ZodType<string, string | undefined>;
}

/** The secret settings of a schema, with their development values and where they are used. */
export function secretsOf(schema: z.ZodType): ReadonlyMap<string, SecretMark> {
  const found = new Map<string, SecretMark>();
  for (const [name, field] of Object.entries(shapeOf(schema))) {
    const mark = markOf(field);
    if (mark) found.set(name, mark);
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
