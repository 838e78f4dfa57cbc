import { randomUUID } from 'node:crypto';
import type { Operation } from '../system/api-document.ts';

/** Well formed, and of nothing that there is. A name that is not here is an id. */
const nobody: Readonly<Record<string, () => string>> = {
  sku: () => 'NO-SUCH-SKU',
  carrier: () => 'nobody',
  provider: () => 'nobody',
};

/** Bodies that an operation would take, where `{}` is none. */
const bodies: Readonly<Record<string, object>> = {
  'POST /api/v1/inventory/{sku}/restock': { quantity: 1 },
};

/** A URL path of an operation: of nothing that there is, and with every query parameter that it needs. */
export function samplePath(
  { path, query }: Operation,
  values: Record<string, string> = {},
): string {
  const filled = path.replaceAll(
    /\{(\w+)\}/g,
    (_, name: string) => values[name] ?? nobody[name]?.() ?? randomUUID(),
  );
  const needed = query
    .filter(({ required }) => required)
    .map(({ name, schema }) => `${name}=${schema.const ?? schema.enum?.[0] ?? 'x'}`);
  return needed.length > 0 ? `${filled}?${needed.join('&')}` : filled;
}

/** A body that the operation takes; undefined where it takes none. */
export const sampleBody = ({ name, method }: Operation): object | undefined =>
  method === 'GET' || method === 'DELETE' ? undefined : (bodies[name] ?? {});
