import type { z } from 'zod';

type Issue = z.core.$ZodRawIssue;

const kinds: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  null: 'null',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'a string',
};
const units: Readonly<Record<string, readonly [one: string, many: string]>> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
};
const formats: Readonly<Record<string, string>> = {
  datetime: 'a time in UTC as in RFC 3339, such as 2026-11-28T12:00:00Z',
  email: 'an e-mail address',
  url: 'a URL',
  uuid: 'a UUID',
};

/**
 * The rule that a value breaks, to be read after the name of its field: `is missing`, `has at most 500 characters`. The message of a
 * schema goes before it; a schema with a rule that is not described here needs one.
 */
export const ruleText = (issue: Issue): string => ruleOf(issue) ?? 'is not valid';

function ruleOf(issue: Issue): string | undefined {
  if (issue.code === 'invalid_type' && issue.input === undefined) return 'is missing';
  if (issue.code === 'invalid_union') return unionRule(issue);
  if (issue.code === 'not_multiple_of') return `is a multiple of ${issue.divisor}`;
  return isOneOf(wanted(issue)) ?? boundRule(issue);
}

/** What a value should have been; nothing where that is no name. */
function wanted(issue: Issue | z.core.$ZodIssue): readonly string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  const name =
    (issue.code === 'invalid_type' && kinds[issue.expected]) ||
    (issue.code === 'invalid_format' && formats[issue.format]);
  return name ? [name] : [];
}

const isOneOf = (names: readonly string[]): string | undefined =>
  names.length > 0 ? `is ${[...new Set(names)].join(' or ')}` : undefined;

function unionRule(union: Extract<Issue, { code: 'invalid_union' }>): string | undefined {
  if (Array.isArray(union.options)) return isOneOf(union.options.map(String));
  if (union.input === undefined) return 'is missing';
  return isOneOf(union.errors.flat().flatMap((each) => (each.path.length > 0 ? [] : wanted(each))));
}

function boundRule(issue: Issue): string | undefined {
  if (issue.code === 'too_small') {
    const bound = issue.inclusive === false ? 'more than' : 'at least';
    return sizeRule(bound, issue.origin, issue.minimum);
  }
  if (issue.code === 'too_big') {
    const bound = issue.inclusive === false ? 'less than' : 'at most';
    return sizeRule(bound, issue.origin, issue.maximum);
  }
  return undefined;
}

function sizeRule(bound: string, origin: string, size: number | bigint): string {
  const unit = units[origin];
  return unit ? `has ${bound} ${size} ${unit[size === 1 ? 0 : 1]}` : `is ${bound} ${size}`;
}
