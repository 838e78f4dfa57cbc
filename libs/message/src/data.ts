import type { z } from 'zod';

/** Keyed by the old version: converts its data to the next version. */
export type Upcasters = Readonly<Record<number, (old: never) => unknown>>;

/** The data of a message do not fit its schema; `problems` names each place. A retry cannot succeed. */
export class InvalidMessage extends Error {
  readonly retriable = false;
  readonly code = 'invalid_message';
  constructor(
    readonly type: string,
    readonly problems: readonly { path: string; message: string }[],
  ) {
    super(
      `${type} does not fit its schema: ${problems.map((p) => `${p.path}: ${p.message}`).join('; ')}`,
    );
    this.name = 'InvalidMessage';
  }
}

interface Schema<D> {
  /** The wire name of the message, for errors. */
  readonly type: string;
  readonly schema: z.ZodType<D>;
}

/** Checks the data of a new message; throws `InvalidMessage` with every field that is wrong or unknown. */
export function checkData<D>(contract: Schema<D>, data: unknown): D {
  const parsed = contract.schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw invalid(contract, parsed.error);
}

/**
 * Checks the data of a received message. Drops properties that this release does not know, because a newer
 * publisher may add optional ones without a new version. Throws `InvalidMessage` for everything else.
 */
export function parseData<D>(contract: Schema<D>, data: unknown): D {
  const parsed = contract.schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const known = withoutUnknown(data, parsed.error);
  if (known === undefined) throw invalid(contract, parsed.error);
  return checkData(contract, known);
}

/** Like `parseData`, but accepts older versions: upcasters convert the data first, one version at a time. */
export function readData<D>(
  contract: Schema<D> & { readonly version: number; readonly upcasters: Upcasters },
  version: number,
  data: unknown,
): D {
  let lifted = data;
  for (let from = version; from < contract.version; from += 1) {
    const upcast = contract.upcasters[from];
    if (!upcast) {
      const problem = { path: '/', message: `no upcaster from version ${from}` };
      throw new InvalidMessage(contract.type, [problem]);
    }
    lifted = upcast(lifted as never);
  }
  return parseData(contract, lifted);
}

/** A copy without the properties that `error` calls unknown; `undefined` when it has other problems too. */
function withoutUnknown(data: unknown, error: z.ZodError): unknown {
  const copy: unknown = structuredClone(data);
  for (const issue of error.issues) {
    if (issue.code !== 'unrecognized_keys') return undefined;
    const place = issue.path.reduce<unknown>(
      (at, step) => (at as Record<PropertyKey, unknown>)[step],
      copy,
    ) as Record<string, unknown>;
    for (const key of issue.keys) delete place[key];
  }
  return copy;
}

const invalid = <D>(contract: Schema<D>, error: z.ZodError): InvalidMessage =>
  new InvalidMessage(
    contract.type,
    error.issues.map((issue) => ({ path: `/${issue.path.join('/')}`, message: issue.message })),
  );
