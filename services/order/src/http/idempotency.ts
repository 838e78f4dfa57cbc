import { createHash } from 'node:crypto';
import { Problem } from '@waybill/http';

/** Identifies the stored response of a key, separately for each customer and route. */
export function idempotencyOf(
  key: string | undefined,
  customerId: string,
  route: string,
  body: unknown,
): { readonly id: string; readonly bodyHash: string } | null {
  if (key === undefined) return null;
  if (key.length < 1 || key.length > 255) {
    throw new Problem(400, 'invalid_request', 'Idempotency-Key has 1 to 255 characters', {
      errors: [{ path: '/Idempotency-Key', message: 'has 1 to 255 characters' }],
    });
  }
  return {
    id: sha256(JSON.stringify([customerId, route, key])),
    bodyHash: sha256(JSON.stringify(sorted(body))),
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The order of properties does not matter, and null is equal to absent. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]),
  );
}
