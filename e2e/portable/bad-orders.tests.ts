import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { anAddress, anOrderRequest } from '@waybill/testing';
import type { ProblemView, Send } from '../system/client.ts';
import { stockOf } from '../system/products.ts';
import type { Target } from './target.ts';

const lines = (...given: unknown[]): object => anOrderRequest({ lines: given });
const line = (quantity: unknown): object => lines({ sku: 'LAPTOP-13', quantity });
const json = (value: object): Send => ({ json: value });
const text = (value: object): string => JSON.stringify(value);
const manyLines = Array.from({ length: 101 }, (_, i) => ({ sku: `SKU-${i}`, quantity: 1 }));
const notUtf8 = Buffer.from(text(anOrderRequest({ note: 'caf#' })));
notUtf8[notUtf8.indexOf('#')] = 0xe9;

/** The mistake, the request, the status, the code where one is documented, and the field. `LAPTOP-13` stands for any product. */
const badOrders: readonly (readonly [string, Send, number, string?, string?])[] = [
  [
    'an unknown SKU',
    json(lines({ sku: 'NO-SUCH-SKU', quantity: 1 })),
    422,
    'unknown_sku',
    '/lines/0/sku',
  ],
  [
    'a SKU on two lines',
    json(lines({ sku: 'LAPTOP-13', quantity: 1 }, { sku: 'LAPTOP-13', quantity: 2 })),
    422,
    'duplicate_sku',
    '/lines/1/sku',
  ],
  [
    'an unknown country',
    json(anOrderRequest({ shippingAddress: anAddress({ country: 'ZZ' }) })),
    422,
    'unknown_country',
    '/shippingAddress/country',
  ],
  [
    'a payment token of another form',
    json(anOrderRequest({ payment: { method: 'card', token: '4111111111111111' } })),
    422,
    'invalid_payment_token',
    '/payment/token',
  ],
  [
    'a VAT id with a wrong checksum',
    json(anOrderRequest({ vatId: 'FR40303265046' })),
    422,
    'invalid_vat_id',
    '/vatId',
  ],
  [
    'a VAT id of a country outside the EU',
    json(anOrderRequest({ vatId: 'GB980780684' })),
    422,
    'invalid_vat_id',
    '/vatId',
  ],
  [
    'a VAT id that is no text',
    json(anOrderRequest({ vatId: 40303265045 })),
    400,
    'invalid_request',
    '/vatId',
  ],
  ['an empty VAT id', json(anOrderRequest({ vatId: '' })), 400, 'invalid_request', '/vatId'],
  ['a negative quantity', json(line(-1)), 400, 'invalid_request', '/lines/0/quantity'],
  ['a quantity of zero', json(line(0)), 400, 'invalid_request', '/lines/0/quantity'],
  ['a quantity of 1000', json(line(1_000)), 400, 'invalid_request', '/lines/0/quantity'],
  [
    'a huge quantity',
    { raw: text(line(1)).replace('"quantity":1', '"quantity":1e308') },
    400,
    'invalid_request',
    '/lines/0/quantity',
  ],
  ['a fractional quantity', json(line(1.5)), 400, 'invalid_request', '/lines/0/quantity'],
  ['a quantity as text', json(line('1')), 400, 'invalid_request', '/lines/0/quantity'],
  ['no line', json(lines()), 400, 'invalid_request', '/lines'],
  ['101 lines', json(lines(...manyLines)), 400, 'invalid_request', '/lines'],
  [
    'a price of its own',
    json(anOrderRequest({ total: { amount: 1, currency: 'EUR' } })),
    400,
    'invalid_request',
    '/total',
  ],
  [
    'a status of its own',
    json(anOrderRequest({ status: 'confirmed' })),
    400,
    'invalid_request',
    '/status',
  ],
  [
    'an unknown property of a line',
    json(lines({ sku: 'LAPTOP-13', quantity: 1, price: 1 })),
    400,
    'invalid_request',
    '/lines/0/price',
  ],
  [
    '__proto__',
    { raw: text(anOrderRequest()).replace('{', '{"__proto__":{"isAdmin":true},') },
    400,
    'invalid_request',
    '/__proto__',
  ],
  [
    'constructor',
    { raw: text(anOrderRequest()).replace('{', '{"constructor":{},') },
    400,
    'invalid_request',
    '/constructor',
  ],
  ['U+0000 in a text', json(anOrderRequest({ note: 'a\u0000b' })), 400, 'invalid_request', '/note'],
  [
    'half a surrogate pair',
    { raw: text(anOrderRequest({ note: '#' })).replace('#', '\\ud800') },
    400,
    'invalid_request',
    '/note',
  ],
  [
    'a note of 501 characters',
    json(anOrderRequest({ note: 'n'.repeat(501) })),
    400,
    'invalid_request',
    '/note',
  ],
  [
    'another shipping method',
    json(anOrderRequest({ shippingMethod: 'drone' })),
    400,
    'invalid_request',
    '/shippingMethod',
  ],
  [
    'no address',
    json(anOrderRequest({ shippingAddress: null })),
    400,
    'invalid_request',
    '/shippingAddress',
  ],
  [
    'a name of blanks',
    json(anOrderRequest({ shippingAddress: anAddress({ name: ' \u200b\u00a0' }) })),
    400,
    'invalid_request',
    '/shippingAddress/name',
  ],
  [
    'a line break in an address',
    json(anOrderRequest({ shippingAddress: anAddress({ line1: '1 Main St\r\nx' }) })),
    400,
    'invalid_request',
    '/shippingAddress/line1',
  ],
  ...['李雷', 'علي', 'דוד', 'Ada 👋'].map(
    (name) =>
      [
        `an address that no label can show: ${name}`,
        json(anOrderRequest({ shippingAddress: anAddress({ name }) })),
        422,
        'unprintable_address',
        '/shippingAddress/name',
      ] as const,
  ),
  ['an array as body', { raw: '[]' }, 400, 'invalid_request'],
  ['null as body', { raw: 'null' }, 400, 'invalid_request'],
  ['no body', { raw: '' }, 400],
  ['a body that is no JSON', { raw: '{"lines": [' }, 400, 'malformed_json'],
  ['a body that is not UTF-8', { raw: notUtf8 }, 400, 'malformed_json'],
  ['a body of 1 MB', json(anOrderRequest({ note: 'x'.repeat(1_000_000) })), 413, 'body_too_large'],
  ['a body 1,000 levels deep', { raw: `${'['.repeat(1_000)}${']'.repeat(1_000)}` }, 400],
  [
    'text/plain',
    { raw: text(anOrderRequest()), headers: { 'content-type': 'text/plain' } },
    415,
    'unsupported_media_type',
  ],
  [
    'a form',
    { raw: 'sku=LAPTOP-13', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    415,
    'unsupported_media_type',
  ],
];

/** The same request for a product that no other order uses. */
function about(sku: string, { json: value, raw = text(value as object), headers }: Send): Send {
  const bytes = typeof raw === 'string' ? Buffer.from(raw) : Buffer.from(raw);
  const moved = bytes.toString('latin1').replaceAll('LAPTOP-13', sku);
  return { raw: Buffer.from(moved, 'latin1'), ...(headers ? { headers } : {}) };
}

/** Orders that are refused immediately and have no effect. */
export function badOrderTests(target: () => Target): void {
  let made: Promise<string> | undefined;
  const product = (): Promise<string> => {
    made ??= target().product(5);
    return made;
  };

  it.each(
    badOrders.map(([what, send, status, code, path]) => ({ what, send, status, code, path })),
  )('refuses $what', async ({ send, status, code, path }) => {
    const ada = await target().as('ada');
    const wrong = about(await product(), send);
    // Inventory is asked what it has, and is given 300 ms.
    const answer = await ada.served(() => ada.send<ProblemView>('POST', '/api/v1/orders', wrong));
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ status, code: code ?? expect.any(String) });
    if (path) expect(answer.body.errors?.map((error) => error.path)).toContain(path);
  });

  it('refuses what costs more than a number can say', async () => {
    const price = { amount: 1_000_000_000, currency: 'EUR' };
    const dear = await Promise.all([1, 2].map(() => target().product(1, { price })));
    const lines = dear.map((sku) => ({ sku, quantity: 999 }));
    const answer = await (await target().as('ada')).placeOrder({ lines });
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ code: 'total_too_large' });
  });

  it.each([
    '/api/v1/orders?limit=1e9',
    '/api/v1/orders?status=lost',
    '/api/v1/orders?since_id=-1',
    '/api/v1/orders?since_id=1.5',
    '/api/v1/orders?since_id=0&since_id=1',
    `/api/v1/orders/${randomUUID()}?wait=forever`,
    `/api/v1/orders/${randomUUID()}?wait=31s`,
  ])('refuses the query of %s', async (path) => {
    const answer = await (await target().as('ada')).get<ProblemView>(path);
    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe('invalid_request');
  });

  it('has stored nothing of them', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const sku = await product();
    const { placedAt } = (await ada.placeOrder()).body;
    const since = new Date(Date.parse(placedAt) - 60_000).toISOString();
    const recent = await ada.all(
      '/api/v1/orders',
      { query: { limit: 200 } },
      (order) => order.placedAt < since,
    );
    expect(recent.flatMap(({ lines }) => lines.map((line) => line.sku))).not.toContain(sku);
    expect(await stockOf(ops, sku)).toMatchObject({ available: 5, reserved: 0, sold: 0 });
  });
}
