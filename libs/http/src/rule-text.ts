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
  datetime: 'a time as in RFC 3339, such as 2026-11-28T12:00:00Z',
  email: 'an e-mail address',
  url: 'a URL',
  uuid: 'a UUID',
};

/**
 * The rule that a value breaks, to be read after the name of its field: `is missing`, `has at most 500 characters`. Undefined where a
 * schema's own message, or zod's, says it better.
 */
export function ruleText(issue: Issue): string | undefined {
  if (issue.code === 'invalid_type') return kindRule(issue);
  if (issue.code === 'invalid_union') return unionRule(issue);
  if (issue.code === 'invalid_value') return `is ${issue.values.map(String).join(' or ')}`;
  if (issue.code === 'invalid_format') {
    const format = formats[issue.format];
    return format && `is ${format}`;
  }
  return boundRule(issue);
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

function kindRule({ expected, input }: Issue & { readonly expected: string }): string | undefined {
  if (input === undefined) return 'is missing';
  const kind = kinds[expected];
  return kind && `is ${kind}`;
}

function unionRule({
  errors,
  input,
}: Issue & Pick<z.core.$ZodIssueInvalidUnion, 'errors'>): string | undefined {
  if (input === undefined) return 'is missing';
  const expected = errors.flat().flatMap((each) => {
    const isWhole = each.code === 'invalid_type' && each.path.length === 0;
    return isWhole ? (kinds[each.expected] ?? []) : [];
  });
  return expected.length > 0 ? `is ${[...new Set(expected)].join(' or ')}` : undefined;
}

function sizeRule(bound: string, origin: string, size: number | bigint): string {
  const unit = units[origin];
  return unit ? `has ${bound} ${size} ${unit[size === 1 ? 0 : 1]}` : `is ${bound} ${size}`;
}
