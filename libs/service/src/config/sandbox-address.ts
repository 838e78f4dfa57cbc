import { z } from 'zod';
import type { Environment } from './environment.ts';
import { fieldsOf } from './secret.ts';

interface Sandbox {
  readonly address: string;
  readonly isUsed: (env: Environment) => boolean;
}

const sandboxes = new WeakMap<object, Sandbox>();

/**
 * The address of an external system. By default it is that of its sandbox, which a deployed service refuses, unless `isUsed` says
 * that the other settings make this one unnecessary.
 */
export function addressOrSandbox(address: string, isUsed: Sandbox['isUsed'] = () => true) {
  const schema = z.url({ protocol: /^https?$/ }).default(address);
  sandboxes.set(schema, { address, isUsed });
  return schema;
}

/** The settings by which a deployed service would call a sandbox, one line each. */
export const sandboxAddresses = (given: Environment, schema: z.ZodType): readonly string[] =>
  Object.entries(fieldsOf(schema)).flatMap(([name, field]) => {
    const sandbox = sandboxes.get(field);
    if (!sandbox?.isUsed(given) || (given[name] ?? sandbox.address) !== sandbox.address) return [];
    return [`${name} has the address of the sandbox, which a deployed service refuses`];
  });
