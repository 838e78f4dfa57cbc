import { type Binding, topicPattern } from '@waybill/messaging';

/** The properties of a message that decide who receives it. */
export interface Facts {
  readonly routingKey: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** An SNS condition on one attribute: one of these values or prefixes. */
type Conditions = readonly (string | { readonly prefix: string })[];
type Branch = Readonly<Record<string, Conditions>>;

/** The filter policy of a subscription, and what remains to be checked here. */
export interface Selection {
  /** The filter policy for SNS; `{}` matches everything. */
  readonly policy: string;
  /** True if SNS matches exactly what the bindings do, except for messages marked as overflowing. */
  readonly exact: boolean;
  /** Evaluates the bindings themselves. */
  readonly matches: (facts: Facts) => boolean;
}

/** Marks a message whose attributes SNS cannot carry: every subscription with a filter receives it and checks it itself. */
export const overflowing = 'overflow';
const routing = 'routingKey';
/** Attribute names that the adapter uses itself. */
const taken = new Set(['id', 'type', 'traceparent', 'waybill', routing, overflowing]);
const attributeName = /^(?!AWS\.|Amazon\.)[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}$/i;
/** Limits of SNS: attributes and value combinations per policy. */
const mostNames = 5;
const mostValues = 150;

/** Whether an attribute of this name can be sent as an SNS attribute. */
export const isFilterable = (name: string): boolean =>
  attributeName.test(name) && !taken.has(name) && !name.includes('..') && !name.endsWith('.');

/** Creates the filter policy of a subscription. What SNS cannot express passes the policy and is checked here. */
export function selectionOf(bindings: readonly Pick<Binding, 'pattern' | 'filter'>[]): Selection {
  const tests = bindings.map(({ pattern, filter }) => ({ fits: topicPattern(pattern), filter }));
  const matches = ({ routingKey, attributes }: Facts): boolean =>
    tests.some(({ fits, filter }) => fits(routingKey) && passes(filter, attributes));
  const filters = bindings.flatMap(({ filter }) => Object.entries(filter ?? {}));
  const names = new Set(filters.map(([name]) => name));
  const filtering = [...names].every(isFilterable) && names.size + 2 <= mostNames;
  const branches = merged(
    bindings.map(({ pattern, filter }) => ({
      keys: keyConditions(pattern),
      filter: filtering ? (filter ?? {}) : {},
    })),
  );
  const exact =
    (filtering || names.size === 0) && bindings.every(({ pattern }) => isSimple(pattern));
  const policy = policyOf(branches);
  return { policy: JSON.stringify(policy ?? {}), exact: exact && policy !== null, matches };
}

interface Wanted {
  /** Null: any routing key. */
  readonly keys: Conditions | null;
  readonly filter: Readonly<Record<string, readonly string[]>>;
}

function policyOf(wanted: readonly Wanted[]): Branch | { readonly $or: readonly Branch[] } | null {
  const branches = wanted.flatMap(branchesOf);
  if (branches.some((branch) => Object.keys(branch).length === 0)) return {};
  if (branches.reduce((sum, branch) => sum + combinations(branch), 0) > mostValues) return null;
  const [only, second] = branches;
  return second || !only ? { $or: branches } : only;
}

/** A binding with a filter also matches overflowing messages, because SNS does not see their attributes. */
function branchesOf({ keys, filter }: Wanted): readonly Branch[] {
  const key: Branch = keys ? { [routing]: keys } : {};
  if (Object.keys(filter).length === 0) return [key];
  return [
    { ...key, ...filter },
    { ...key, [overflowing]: ['yes'] },
  ];
}

const combinations = (branch: Branch): number =>
  Object.values(branch).reduce((product, values) => product * values.length, 1);

/** Merges bindings with the same filter, because SNS limits the number of alternatives. */
function merged(wanted: readonly Wanted[]): readonly Wanted[] {
  const byFilter = new Map<string, Wanted>();
  for (const each of wanted) {
    const name = JSON.stringify(each.filter);
    const known = byFilter.get(name);
    const keys = known ? union(known.keys, each.keys) : each.keys;
    byFilter.set(name, { keys, filter: each.filter });
  }
  return [...byFilter.values()];
}

function union(one: Conditions | null, other: Conditions | null): Conditions | null {
  if (!one || !other) return null;
  const all = [...one, ...other].map((each) => [JSON.stringify(each), each] as const);
  return [...new Map(all).values()];
}

/** No wildcard, or one `#` at the end: SNS can express that exactly. */
const isSimple = (pattern: string): boolean => !/[*#]/.test(pattern.replace(/(^|\.)#$/, ''));

/** Conditions that match at least what the pattern matches. */
function keyConditions(pattern: string): Conditions | null {
  const words = pattern.split('.');
  const wild = words.findIndex((word) => word === '*' || word === '#');
  if (wild === -1) return [pattern];
  if (wild === 0) return null;
  const base = words.slice(0, wild).join('.');
  return words[wild] === '#' ? [base, { prefix: `${base}.` }] : [{ prefix: `${base}.` }];
}

const passes = (filter: Binding['filter'], attributes: Facts['attributes']): boolean =>
  Object.entries(filter ?? {}).every(([name, values]) => {
    const value = attributes[name];
    return value !== undefined && values.includes(value);
  });

/** The decision of SNS for the attributes of a message; undefined and `{}` match everything. */
export function admits(policy: string | undefined, attributes: Facts['attributes']): boolean {
  const parsed = JSON.parse(policy || '{}') as Branch & { readonly $or?: readonly Branch[] };
  const branches = parsed.$or ?? [parsed];
  return branches.some((branch) =>
    Object.entries(branch).every(([name, values]) => {
      const value = attributes[name];
      return value !== undefined && values.some((wanted) => fits(wanted, value));
    }),
  );
}

const fits = (wanted: Conditions[number], value: string): boolean =>
  typeof wanted === 'string' ? wanted === value : value.startsWith(wanted.prefix);
