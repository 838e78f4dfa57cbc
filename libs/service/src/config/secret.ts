import { z } from 'zod';
import type { Environment } from './environment.ts';

export interface SecretMark {
  readonly development: string | null;
  readonly isUsed: (env: Environment) => boolean;
}

interface SchemaParts {
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly out?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly left?: z.ZodType;
  readonly right?: z.ZodType;
}

/** By the first check of the schema: every schema that is made from a secret has the same check. */
const marks = new WeakMap<object, SecretMark>();

/**
 * A setting that is never shown. `development` is a default for development: a deployed service refuses to start with it, unless
 * `isUsed` says that the other settings make this one unnecessary. Whatever is made from it is a secret, too.
 */
export function secret(development?: string, isUsed: SecretMark['isUsed'] = () => true) {
  const text = z.string().min(1);
  for (const check of checksOf(text))
    marks.set(check, { development: development ?? null, isUsed });
  const schema = development === undefined ? text : text.default(development);
  return schema as z.ZodType<string, string | undefined>;
}

/** The secret settings of a schema, with their development values and where they are used. */
export function secretsOf(schema: z.ZodType): ReadonlyMap<string, SecretMark> {
  const found = new Map<string, SecretMark>();
  for (const [name, field] of Object.entries(fieldsOf(schema))) {
    const mark = markOf(field);
    if (mark) found.set(name, mark);
  }
  return found;
}

/** The names of all settings of a schema. */
export const settingsOf = (schema: z.ZodType): readonly string[] => Object.keys(fieldsOf(schema));

/** The settings of a schema by their names. */
export function fieldsOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> {
  if (schema instanceof z.ZodObject) return schema.shape as Record<string, z.ZodType>;
  if (schema instanceof z.ZodPipe) return fieldsOf(schema.def.in as z.ZodType);
  return {};
}

const checksOf = (schema: z.ZodType): readonly object[] => schema.def.checks ?? [];

/** What a schema is made of: by `.optional()` and the like, `.transform()`, `.pipe()`, `z.preprocess()`, `.or()` or `.and()`. */
function partsOf(schema: z.ZodType): readonly z.ZodType[] {
  const { innerType, in: input, out, options = [], left, right } = schema.def as SchemaParts;
  return [innerType, input, out, ...options, left, right].filter((part) => part !== undefined);
}

function markOf(schema: z.ZodType): SecretMark | undefined {
  const own = checksOf(schema).map((check) => marks.get(check));
  return [...own, ...partsOf(schema).map(markOf)].find((mark) => mark !== undefined);
}
