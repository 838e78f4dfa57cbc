import type { z } from 'zod';

/** A field of a protobuf message. */
export interface Field {
  readonly name: string;
  readonly number: number;
  readonly shape: Shape;
  /** What a message without it says: its default value, that it is absent, or null. */
  readonly missing: 'default' | 'absent' | 'null';
}

/** The part of protobuf that data of contracts use. `values` is a map of text to text, numbers, booleans and null. */
export type Shape =
  | { readonly kind: 'string' | 'int64' | 'double' | 'bool' | 'values' }
  | { readonly kind: 'enum'; readonly names: readonly string[] }
  /** The field of number n is at n - 1. */
  | { readonly kind: 'message'; readonly fields: readonly Field[] };

/** What is used of a schema of zod. */
interface Definition {
  readonly type: string;
  readonly format?: string;
  readonly innerType?: z.core.$ZodType;
  readonly entries?: Readonly<Record<string, string>>;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
}

const definitionOf = (schema: z.core.$ZodType): Definition => schema._zod.def as Definition;

/**
 * The shape of a schema. `paths` names each field once, `customer` before `customer.id`; its place among those of its message is
 * its number, so names are only ever added at the end. Throws a `TypeError` for a field that is not named, a name that is
 * no field, and a schema that protobuf cannot hold exactly.
 */
export function shapeOf(schema: z.core.$ZodType, paths: readonly string[]): Shape {
  const open = new Set(paths);
  const shape = shaped(schema, '', paths, open);
  if (open.size > 0) throw new TypeError(`no fields of the schema: ${[...open].join(', ')}`);
  return shape;
}

const simple: Readonly<Record<string, Shape>> = {
  string: { kind: 'string' },
  boolean: { kind: 'bool' },
  record: { kind: 'values' },
};

function shaped(
  schema: z.core.$ZodType,
  path: string,
  paths: readonly string[],
  open: Set<string>,
): Shape {
  const { type, format, entries, shape } = definitionOf(schema);
  if (type === 'number') return { kind: format === 'safeint' ? 'int64' : 'double' };
  if (type === 'enum') return { kind: 'enum', names: Object.values(entries ?? {}) };
  if (type === 'object' && shape) return messageOf(shape, path, paths, open);
  const found = simple[type];
  if (!found) throw new TypeError(`${path || 'the schema'} is of a type without a codec: ${type}`);
  return found;
}

function messageOf(
  properties: Readonly<Record<string, z.core.$ZodType>>,
  path: string,
  paths: readonly string[],
  open: Set<string>,
): Shape {
  const prefix = path === '' ? '' : `${path}.`;
  const here = paths.filter(
    (each) => each.startsWith(prefix) && !each.slice(prefix.length).includes('.'),
  );
  const fields = Object.entries(properties).map(([name, inner]) => {
    const at = `${prefix}${name}`;
    if (!open.delete(at)) throw new TypeError(`${at} has no number`);
    const { schema, missing } = unwrapped(inner);
    const number = here.indexOf(at) + 1;
    return { name, number, missing, shape: shaped(schema, at, paths, open) };
  });
  return { kind: 'message', fields: fields.sort((a, b) => a.number - b.number) };
}

function unwrapped(schema: z.core.$ZodType): {
  readonly schema: z.core.$ZodType;
  readonly missing: Field['missing'];
} {
  const { type, innerType } = definitionOf(schema);
  if ((type !== 'optional' && type !== 'nullable') || !innerType)
    return { schema, missing: 'default' };
  return { schema: innerType, missing: type === 'optional' ? 'absent' : 'null' };
}
