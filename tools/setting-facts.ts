import { z } from 'zod';

/** What a reader must know of one setting, from its schema. */
export interface SettingFacts {
  readonly type: string;
  /** Null when there is none. */
  readonly fallback: string | null;
  readonly isNeeded: boolean;
  /** Bounds and other rules; empty when there are none. */
  readonly rules: readonly string[];
}

interface Found {
  readonly fallbacks: unknown[];
  readonly rules: string[];
  readonly types: string[];
  isOptional: boolean;
}

/** A check of a schema as zod keeps it. */
interface Check {
  readonly check?: string;
  readonly value?: number;
  readonly inclusive?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly error?: (issue: object) => unknown;
}

/** Reads the type, the default and the rules out of a schema. */
export function factsOf(schema: z.ZodType): SettingFacts {
  const found: Found = { fallbacks: [], rules: [], types: [], isOptional: false };
  collect(schema, found);
  const [fallback] = found.fallbacks;
  return {
    type: typeOf(schema, found.types),
    fallback: fallback === undefined ? null : String(fallback),
    isNeeded: !found.isOptional && fallback === undefined,
    rules: [...new Set(found.rules)],
  };
}

function collect(schema: z.ZodType, found: Found): void {
  found.rules.push(...rulesOf(schema));
  if (schema instanceof z.ZodOptional) found.isOptional = true;
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    found.fallbacks.push(schema.def.defaultValue);
  const { innerType, in: input } = schema.def as {
    readonly innerType?: z.ZodType;
    readonly in?: z.ZodType;
  };
  const inner = innerType ?? input;
  if (inner) collect(inner, found);
  else found.types.push(plainType(schema));
}

function plainType(schema: z.ZodType): string {
  if (schema instanceof z.ZodEnum) return `one of ${schema.options.join(', ')}`;
  if (schema instanceof z.ZodNumber) return schema.format === 'safeint' ? 'whole number' : 'number';
  const { format } = schema.def as { readonly format?: string };
  if (format === 'url') return 'URL';
  if (format === 'email') return 'e-mail address';
  return 'text';
}

/** Of which a setting of a time takes at least one, whatever its bounds. */
const lengths = [
  ['1s', 1_000],
  ['90s', 90_000],
  ['2d', 172_800_000],
] as const;

function typeOf(schema: z.ZodType, types: readonly string[]): string {
  if (schema.safeParse('true').data === true) return 'true or false';
  if (lengths.some(([text, ms]) => schema.safeParse(text).data === ms)) return 'time';
  return types[0] ?? 'text';
}

function rulesOf(schema: z.ZodType): string[] {
  const def = schema.def as Check & { readonly checks?: readonly { _zod: { def: Check } }[] };
  const checks = [def, ...(def.checks ?? []).map((each) => each._zod.def)];
  const bounds = boundsOf(checks);
  if (bounds) return [bounds];
  return schema instanceof z.ZodEnum ? [] : checks.flatMap(messageOf);
}

/** What its author wrote for the error message, as a rule. */
function messageOf({ error }: Check): string[] {
  const text = error?.({});
  if (typeof text !== 'string') return [];
  return [text.replace(/^is neither (.+) nor /, '$1 or ').replace(/^is (not an? |no |an? )?/, '')];
}

function boundsOf(checks: readonly Check[]): string | null {
  const least = checks.find(({ check }) => check === 'greater_than')?.value;
  const most = checks.find(({ check }) => check === 'less_than')?.value;
  const longest = checks.find(({ check }) => check === 'max_length')?.maximum;
  if (least !== undefined && most !== undefined) return `${number(least)} to ${number(most)}`;
  if (least !== undefined) return `${number(least)} or more`;
  if (most !== undefined) return `${number(most)} or less`;
  return longest === undefined ? null : `at most ${number(longest)} characters`;
}

const number = (value: number): string => value.toLocaleString('en-US');

/** Each comment directly above a variable, as one line. */
export const commentsIn = (text: string): [string, string][] =>
  [...text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*([A-Z][A-Z0-9_]*):/g)].map(
    ([, comment = '', name = '']) => [name, comment.replace(/\s*\n\s*\*?\s*/g, ' ').trim()],
  );
