import type { z } from 'zod';
import type { Environment } from './environment.ts';
import { sandboxAddresses } from './sandbox-address.ts';
import { type SecretMark, secretsOf, settingsOf } from './secret.ts';

export type { Environment };

/** The settings of a service are invalid; the message lists every invalid setting, and shows no secret. */
export class InvalidConfig extends Error {
  readonly code = 'invalid_config';
  readonly retriable = false;
  constructor(
    service: string,
    readonly problems: readonly string[],
  ) {
    const count = problems.length === 1 ? '1 setting' : `${problems.length} settings`;
    super(
      `${service} cannot start: ${count} must be corrected\n${problems.map((line) => `  - ${line}`).join('\n')}`,
    );
    this.name = 'InvalidConfig';
  }
}

/** True for a service that real users can reach. */
export const isDeployed = (env: Environment): boolean =>
  env['NODE_ENV'] === 'production' || ['1', 'true'].includes(env['WAYBILL_DEPLOYED'] ?? '');

/**
 * Reads an environment with several schemas; throws `InvalidConfig` with all problems at once. An empty variable
 * counts as absent. A deployed service refuses the development values of secrets.
 */
export function readSettings<S extends readonly z.ZodType[]>(
  service: string,
  env: Environment,
  schemas: readonly [...S],
): { [I in keyof S]: z.output<S[I]> } {
  const { settings, problems } = readAll(env, schemas);
  if (problems.length > 0) throw new InvalidConfig(service, problems);
  return settings as { [I in keyof S]: z.output<S[I]> };
}

/** The problems for which `readSettings` would throw, one line each. */
export const settingProblems = (
  env: Environment,
  schemas: readonly z.ZodType[],
): readonly string[] => readAll(env, schemas).problems;

function readAll(
  env: Environment,
  schemas: readonly z.ZodType[],
): { readonly settings: readonly unknown[]; readonly problems: readonly string[] } {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const problems = new Set<string>();
  const settings = schemas.map((schema) => readOne(schema, given, problems));
  return { settings, problems: [...problems] };
}

function readOne(schema: z.ZodType, given: Environment, problems: Set<string>): unknown {
  const secrets = secretsOf(schema);
  const own = pick(given, settingsOf(schema));
  const parsed = schema.safeParse(own);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.add(tell(issue, given, secrets));
  }
  if (isDeployed(given)) {
    const refused = [
      ...developmentSecrets(given, secrets),
      ...developmentPasswords(own),
      ...sandboxAddresses(given, schema),
    ];
    for (const problem of refused) problems.add(problem);
  }
  return parsed.success ? parsed.data : undefined;
}

const developmentSecrets = (
  given: Environment,
  secrets: ReadonlyMap<string, SecretMark>,
): readonly string[] =>
  [...secrets]
    .filter(([, { isUsed }]) => isUsed(given))
    .filter(([name, { development: value }]) => value !== null && (given[name] ?? value) === value)
    .map(([name]) => `${name} has its development value, which a deployed service refuses`);

/** Passwords in the project's own addresses contain this word, or are the default of a fresh broker. */
const forDevelopment = /development|^guest$/;

/** The development addresses and passwords of an environment, which a deployed service refuses; one line each. */
export function developmentPasswords(env: Environment): readonly string[] {
  return Object.entries(env).flatMap(([name, value = '']) => {
    const password = URL.canParse(value) ? new URL(value).password : isPassword(name) ? value : '';
    return forDevelopment.test(password)
      ? [`${name} has a development password, which a deployed service refuses`]
      : [];
  });
}

const isPassword = (name: string): boolean => /_(PASSWORD|ACCESS_KEY)$/.test(name);

/** A schema gets only its own settings, so that it can be strict; a schema whose settings are unknown gets all. */
const pick = (given: Environment, names: readonly string[]): Environment =>
  names.length === 0
    ? given
    : Object.fromEntries(names.flatMap((name) => (name in given ? [[name, given[name]]] : [])));

function tell(
  issue: z.core.$ZodIssue,
  given: Environment,
  secrets: ReadonlyMap<string, SecretMark>,
): string {
  const name = String(issue.path[0] ?? 'settings');
  const inside = issue.path.length > 1 ? ` (at ${issue.path.slice(1).join('.')})` : '';
  const value = given[name];
  if (value === undefined && issue.code === 'invalid_type') return `${name} is missing`;
  const shown = value === undefined || secrets.has(name) ? '' : `, it is "${shorten(value)}"`;
  return `${name}${inside}: ${issue.message}${shown}`;
}

/** Passwords inside URLs are secrets too. */
const shorten = (value: string): string =>
  value.replace(/(\/\/[^:/@\s]*):[^@\s]*@/, '$1:***@').slice(0, 80);
