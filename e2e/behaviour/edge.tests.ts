import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { anAddress, anOrderRequest } from '@waybill/testing';
import { Client, type ProblemView, type Send } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { resigned, tampered, unsigned } from '../system/forged-token.ts';
import { aProduct, stockOf, stockUp } from '../system/products.ts';
import type { SystemUnderTest } from '../system/system-under-test.ts';

const now = (): number => Math.floor(Date.now() / 1_000);
const lines = (...given: unknown[]): object => anOrderRequest({ lines: given });
const line = (quantity: unknown): object => lines({ sku: 'LAPTOP-13', quantity });
const json = (value: object): Send => ({ json: value });
const text = (value: object): string => JSON.stringify(value);
const manyLines = Array.from({ length: 101 }, (_, i) => ({ sku: `SKU-${i}`, quantity: 1 }));
const notUtf8 = Buffer.from(text(anOrderRequest({ note: 'caf#' })));
notUtf8[notUtf8.indexOf('#')] = 0xe9;

/** What is wrong, what is sent, the status, the code where the page names one, and the field. */
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
    json(lines({ sku: 'MOUSE-V', quantity: 1 }, { sku: 'MOUSE-V', quantity: 2 })),
    422,
    'duplicate_sku',
    '/lines/1/sku',
  ],
  [
    'an unknown country',
    json(anOrderRequest({ shippingAddress: anAddress({ country: 'ZZ' }) })),
    422,
    undefined,
    '/shippingAddress/country',
  ],
  [
    'a payment token of another form',
    json(anOrderRequest({ payment: { method: 'card', token: '4111111111111111' } })),
    422,
    'invalid_payment_token',
    '/payment/token',
  ],
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
    json(lines({ sku: 'MOUSE-V', quantity: 1, price: 1 })),
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

/** What a caller can do wrong at the edge of a system, and what comes of it. */
export function edgeTests(system: () => SystemUnderTest): void {
  describe('bad orders', () => {
    it.each(
      badOrders.map(([what, send, status, code, path]) => ({ what, send, status, code, path })),
    )('refuses $what', async ({ send, status, code, path }) => {
      const ada = await system().as('ada');
      const answer = await ada.send<ProblemView>('POST', '/api/v1/orders', send);
      expect(answer.status).toBe(status);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(answer.body).toMatchObject({ status, code: code ?? expect.any(String) });
      if (path) expect(answer.body.errors?.map((error) => error.path)).toContain(path);
    });

    it.each([
      '/api/v1/orders?limit=0',
      '/api/v1/orders?limit=201',
      '/api/v1/orders?limit=1e9',
      '/api/v1/orders?cursor=nonsense',
      '/api/v1/orders?status=lost',
      '/api/v1/orders?since_id=-1',
      '/api/v1/orders?unknown=1',
      `/api/v1/orders/${randomUUID()}?wait=forever`,
      `/api/v1/orders/${randomUUID()}?wait=31s`,
    ])('refuses the query of %s', async (path) => {
      const answer = await (await system().as('ada')).get<ProblemView>(path);
      expect(answer.status).toBe(400);
      expect(answer.body.code).toBe('invalid_request');
    });

    it('has stored nothing of them', async () => {
      const ops = await system().as('ops');
      expect(await ops.all('/api/v1/orders')).toEqual([]);
      expect(await ops.all('/api/v1/orders?since_id=0')).toEqual([]);
    });

    it('says which methods a path knows, and that an unknown path is unknown', async () => {
      const ada = await system().as('ada');
      const wrong = await ada.send<ProblemView>('PATCH', '/api/v1/orders');
      expect(wrong.status).toBe(405);
      expect(wrong.headers.get('allow')).toContain('POST');
      expect((await ada.get('/api/v1/nothing')).status).toBe(404);
    });
  });

  describe('access', () => {
    it('asks for a token, and refuses one that is forged, changed, expired or for others', async () => {
      const ada = await system().as('ada');
      const token = ada.token ?? '';
      const { data } = system();
      const bad = [
        null,
        'nonsense',
        unsigned(token),
        tampered(token, { roles: ['operator'] }),
        resigned(token, data, { exp: now() - 120, iat: now() - 4_000 }),
        resigned(token, data, { aud: 'another-system' }),
        resigned(token, data, { iss: 'urn:somebody-else' }),
        resigned(token, data, { exp: 1e308 }),
        resigned(token, data, { iat: now() + 4_000 }),
        resigned(token, data, { nbf: -1e308 }),
      ];
      for (const each of bad) {
        const answer = await new Client(ada.url, each).get<ProblemView>('/api/v1/orders');
        expect([each, answer.status]).toEqual([each, 401]);
        expect(answer.headers.get('www-authenticate')).toContain('Bearer');
      }
      const good = resigned(token, data, { exp: now() + 60 });
      expect((await new Client(ada.url, good).get('/api/v1/orders')).status).toBe(200);
    });

    it('shows the order of another customer to nobody but operators', async () => {
      const [ada, grace, ops] = await Promise.all([
        system().as('ada'),
        system().as('grace'),
        system().as('ops'),
      ]);
      const { id } = await ada.buy();
      for (const path of ['', '/events', '/journey']) {
        const answer = await grace.get<ProblemView>(`/api/v1/orders/${id}${path}`);
        expect([path, answer.status]).toEqual([path, 404]);
        expect((await ops.get(`/api/v1/orders/${id}${path}`)).status).toBe(200);
        expect((await grace.get(`/api/v1/orders/not-an-id${path}`)).status).toBe(404);
      }
      expect(await grace.all('/api/v1/orders')).toEqual([]);
      const { customerId } = await ada.order(id);
      expect((await grace.get(`/api/v1/orders?customerId=${customerId}`)).status).toBe(403);
    });

    it.each([
      ['GET', '/api/v1/dead-letters'],
      ['GET', '/api/v1/channels'],
      ['GET', '/api/v1/sagas'],
      ['GET', '/api/v1/inventory/LAPTOP-13'],
      ['POST', '/api/v1/inventory/LAPTOP-13/restock'],
      ['PUT', '/api/v1/products/LAPTOP-13'],
    ])('keeps customers out of %s %s', async (method, path) => {
      const what = method === 'GET' ? {} : { json: aProduct() };
      const ada = await system().as('ada');
      expect((await ada.send(method, path, what)).status).toBe(403);
      expect((await system().anonymous().send(method, path, what)).status).toBe(401);
    });

    it('lets nobody call what services tell one another', async () => {
      const ops = await system().as('ops');
      for (const path of ['/internal/channels', '/internal/journey?key=x']) {
        expect([401, 403, 404]).toContain((await ops.get(path)).status);
      }
    });

    it('does not let passwords be guessed', async () => {
      const guess = () =>
        system()
          .anonymous()
          .post('/api/v1/auth/token', { email: 'nobody@example.com', password: 'guess' });
      const answers = [];
      for (let i = 0; i < 6; i += 1) answers.push(await guess());
      expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 429]);
      expect(answers[5]?.headers.has('retry-after')).toBe(true);
    });
  });

  describe('catalogue and stock', () => {
    it('shows products to everybody, page by page', async () => {
      const nobody = system().anonymous();
      const products = await nobody.all<{ sku: string }>('/api/v1/products?limit=7');
      expect(products.length).toBeGreaterThan(7);
      expect(new Set(products.map(({ sku }) => sku)).size).toBe(products.length);
      const one = await nobody.get('/api/v1/products/LAPTOP-13');
      expect(one.body).toMatchObject({ sku: 'LAPTOP-13', price: { currency: 'EUR' } });
      expect((await nobody.get('/api/v1/products/NO-SUCH')).status).toBe(404);
    });

    it('sells a new product at its price of the moment, and counts what is left', async () => {
      const [ada, ops] = await Promise.all([system().as('ada'), system().as('ops')]);
      await stockUp(ops, 'ASTROLABE', 10);
      const first = await ada.buy({ lines: [{ sku: 'ASTROLABE', quantity: 3 }] });
      expect(first).toMatchObject({ status: 'confirmed', subtotal: { amount: 7_500 } });
      const stock = await eventually('the goods are sold', async () => {
        const found = await stockOf(ops, 'ASTROLABE');
        return found.sold > 0 && found;
      });
      expect(stock).toMatchObject({ onHand: 7, available: 7, reserved: 0, sold: 3 });
      expect(stock.movements.map(({ kind }) => kind).sort()).toEqual([
        'received',
        'reserved',
        'sold',
      ]);
      const dearer = aProduct({ price: { amount: 3_000, currency: 'EUR' } });
      const changed = await ops.send('PUT', '/api/v1/products/ASTROLABE', { json: dearer });
      expect(changed.status).toBe(200);
      await eventually('the new price counts', async () => {
        const order = await ada.placeOrder({ lines: [{ sku: 'ASTROLABE', quantity: 1 }] });
        await ada.settled(order.body.id);
        return order.body.subtotal.amount === 3_000;
      });
    });

    it.each([{ quantity: 0 }, { quantity: -5 }, { quantity: 1.5 }, { quantity: 5, other: 1 }, {}])(
      'refuses the restock %j',
      async (body) => {
        const ops = await system().as('ops');
        expect((await ops.post('/api/v1/inventory/LAPTOP-13/restock', body)).status).toBe(400);
      },
    );
  });

  it('leaves every invariant intact', async () => {
    expect(await system().verify()).toEqual([]);
  });
}
