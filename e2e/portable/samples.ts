import { randomUUID } from 'node:crypto';
import { anAddress } from '@waybill/testing';
import type { Operation } from '../system/api-document.ts';
import type { Send } from '../system/client.ts';

/** Well-formed values of things that do not exist. A name that is not listed is an id. */
const nobody: Readonly<Record<string, () => string>> = {
  sku: () => 'NO-SUCH-SKU',
  carrier: () => 'nobody',
  code: () => 'NO-SUCH-CODE',
  number: () => 'C1999-000001',
  provider: () => 'nobody',
};

/** Valid bodies of operations for which `{}` is invalid. */
const bodies: Readonly<Record<string, object>> = {
  'POST /api/v1/channels/{name}/purge': { confirm: 'nothing' },
  'POST /api/v1/channels/{name}/seek': { group: 'nobody', to: 'latest' },
  'POST /api/v1/alerts/silences': {
    service: 'nobody',
    comment: 'a test',
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
  },
  'POST /api/v1/alerts/test': { channel: 'log' },
  'POST /api/v1/customers/{id}/credit/deposit': { amount: { amount: 1, currency: 'EUR' } },
  'POST /api/v1/customers/{id}/credit/withdraw': { amount: { amount: 1, currency: 'EUR' } },
  'POST /api/v1/customers': { email: 'ada@example.com', password: 'waybill', name: 'Ada' },
  'POST /api/v1/customers/me/addresses': anAddress(),
  'PUT /api/v1/customers/me/addresses/{id}': anAddress(),
  'PUT /api/v1/customers/me/email': { email: 'ada@example.com' },
  'POST /api/v1/exports': { kind: 'orders', format: 'csv', to: '2020-01-01T00:00:00Z' },
  'POST /api/v1/inventory/{sku}/restock': { quantity: 1 },
  'POST /api/v1/orders/{id}/cancel': { reason: 'changed my mind' },
  'POST /api/v1/orders/{id}/returns': {
    lines: [{ sku: 'LAPTOP-13', quantity: 1 }],
    reason: 'too small',
  },
  'POST /api/v1/shipping/quotes/stream': {
    lines: [{ sku: 'LAPTOP-13', quantity: 1 }],
    shippingAddress: anAddress(),
  },
  'PATCH /api/v1/webhooks/{id}': { enabled: true },
  'POST /api/v1/webhooks': { url: 'https://hooks.example/', events: ['order.refunded'] },
  'POST /api/v1/vouchers': { code: 'E2E-SAMPLE', percent: 1 },
};

/** Its response is a stream that has no end. */
export const isEndless = ({ path }: Operation): boolean => path === '/api/v1/analytics/live';

/** A URL path of an operation, with values of things that do not exist and every required query parameter. */
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
    .map(
      ({ name, schema }) =>
        `${name}=${schema.const ?? schema.enum?.[0] ?? nobody[name]?.() ?? 'x'}`,
    );
  return needed.length > 0 ? `${filled}?${needed.join('&')}` : filled;
}

/** A valid body; undefined when the operation takes none. */
const sampleBody = ({ name, method }: Operation): object | undefined =>
  method === 'GET' || method === 'DELETE' ? undefined : (bodies[name] ?? {});

/** Files by media type; others are empty. */
const files: Readonly<Record<string, Uint8Array>> = {
  'image/png': Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
};

/** A request with a valid body, or with a file. */
export function sampleSend(operation: Operation): Send {
  const { file } = operation;
  if (file !== null) return { raw: files[file] ?? '', headers: { 'content-type': file } };
  const json = sampleBody(operation);
  return json === undefined ? {} : { json };
}
