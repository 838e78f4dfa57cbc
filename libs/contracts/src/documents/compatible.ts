import { isDeepStrictEqual } from 'node:util';
import type { JsonSchema } from './json-schema.ts';

/** Keywords that do not affect which data are valid. */
const annotations = new Set(['$schema', '$id', '$defs', 'title', 'description', 'examples']);

/**
 * The incompatibilities that a change of a version's schema from `before` to `after` causes;
 * empty when there are none. Only an optional property may be added: any other change breaks
 * messages in flight or readers of the last release, so it needs a new version.
 */
export function compatible(before: JsonSchema, after: JsonSchema): readonly string[] {
  return compare({ at: before, root: before }, { at: after, root: after }, '');
}

/** A place in a schema, and the schema whose `$defs` its references name. */
interface Place {
  readonly at: unknown;
  readonly root: JsonSchema;
}

function compare(before: Place, after: Place, path: string): string[] {
  const [old, next] = [resolved(before), resolved(after)];
  if (!isObject(old) || !isObject(next))
    return isDeepStrictEqual(old, next) ? [] : [`${path || '/'} changed`];
  const words = new Set([...Object.keys(old), ...Object.keys(next)]);
  return [...words].flatMap((word) => {
    if (annotations.has(word) || word.startsWith('x-')) return [];
    const places = [
      { at: old[word], root: before.root },
      { at: next[word], root: after.root },
    ] as const;
    if (word === 'properties') return compareProperties(...places, path);
    if (word === 'required') return compareRequired(old, next, path);
    return compareKeyword(...places, `${path}/${word}`);
  });
}

function compareKeyword(before: Place, after: Place, path: string): string[] {
  const [old, next] = [before.at, after.at];
  if (Array.isArray(old) && Array.isArray(next) && old.length === next.length) {
    return old.flatMap((each, index) =>
      compare({ ...before, at: each }, { ...after, at: next[index] }, `${path}/${index}`),
    );
  }
  if (old === undefined) return [`${path} was added`];
  if (next === undefined) return [`${path} was removed`];
  return compare(before, after, path);
}

function compareProperties(before: Place, after: Place, path: string): string[] {
  const [old, next] = [before.at ?? {}, after.at ?? {}] as [JsonSchema, JsonSchema];
  return Object.keys(old).flatMap((name) =>
    name in next
      ? compare({ ...before, at: old[name] }, { ...after, at: next[name] }, `${path}/${name}`)
      : [`${path}/${name} was removed`],
  );
}

function compareRequired(old: JsonSchema, next: JsonSchema, path: string): string[] {
  const [was, is] = [old, next].map((each) => new Set((each['required'] ?? []) as string[]));
  const known = Object.keys((old['properties'] ?? {}) as object);
  return [
    ...[...(is ?? [])]
      .filter((name) => !was?.has(name))
      .map((name) =>
        known.includes(name)
          ? `${path}/${name} became required`
          : `${path}/${name} was added and is required`,
      ),
    ...[...(was ?? [])]
      .filter((name) => !is?.has(name) && name in ((next['properties'] ?? {}) as object))
      .map((name) => `${path}/${name} became optional`),
  ];
}

function resolved({ at, root }: Place): unknown {
  if (!isObject(at) || typeof at['$ref'] !== 'string') return at;
  const { $ref, ...rest } = at;
  const name = ($ref as string).replace('#/$defs/', '');
  return { ...((root['$defs'] as Record<string, object> | undefined)?.[name] ?? {}), ...rest };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
