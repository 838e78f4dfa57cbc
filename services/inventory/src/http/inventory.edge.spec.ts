import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Message } from '@waybill/contracts';
import { type EdgeApp, edgeApp } from '@waybill/http/testing';
import { CLOCK, type SubmitOptions, Submitter, systemClock } from '@waybill/messaging';
import { CONFIG, declarationOf } from '@waybill/service';
import { inventoryConfig } from '../inventory.config.ts';
import { InventoryModule } from '../inventory.module.ts';
import {
  type CataloguePlace,
  CatalogueRepository,
  type ProductView,
} from '../storage/catalogue.repository.ts';
import { ImageRepository } from '../storage/image.repository.ts';
import { StockRepository } from '../storage/stock.repository.ts';
import { CategoriesController } from './categories.controller.ts';
import { InventoryController } from './inventory.controller.ts';
import { ProductsController } from './products.controller.ts';

const mug: ProductView = {
  sku: 'MUG',
  name: 'Stoneware mug',
  description: 'Holds 350 ml.',
  category: 'Home',
  imageUrl: '/images/mug.svg',
  price: { amount: 1_290, currency: 'EUR' },
  weightGrams: 380,
  taxClass: 'standard',
  available: 5,
};
const { sku: _, available: __, ...details } = mug;

const submitted: Message[] = [];
const inherited: unknown[] = [];
let answer: () => unknown = () => ({ created: false });
let edge: EdgeApp;

class Submissions extends Submitter {
  async submit<A>(message: Message, options?: SubmitOptions): Promise<A> {
    submitted.push(message);
    inherited.push(options);
    return answer() as A;
  }
}

const forgotten: string[] = [];
const shelf = Array.from({ length: 7 }, (_, i) => ({ ...mug, sku: `MUG-${i}` }));
const catalogue = {
  find: async (sku: string) => (sku === 'MUG' ? { view: mug, revision: 3 } : undefined),
  forget: async (sku: string) => void forgotten.push(sku),
  list: async ({ after, limit }: { after?: CataloguePlace; limit: number }) =>
    shelf
      .filter(({ sku }) => after === undefined || sku > after[1])
      .slice(0, limit)
      .map((view) => ({ view, place: [0, view.sku] })),
  categories: async () => [{ name: 'Home', products: 7 }],
};
const images = {
  findSize: async () => undefined,
};
const stock = { find: async (sku: string) => (sku === 'MUG' ? { sku } : undefined) };

beforeAll(async () => {
  edge = await edgeApp([ProductsController, CategoriesController, InventoryController], {
    providers: [
      { provide: Submitter, useClass: Submissions },
      { provide: CatalogueRepository, useValue: catalogue },
      { provide: StockRepository, useValue: stock },
      { provide: ImageRepository, useValue: images },
      { provide: CLOCK, useValue: systemClock },
      { provide: CONFIG, useValue: inventoryConfig.parse({}) },
    ],
    problems: declarationOf(InventoryModule).problems ?? {},
  });
});
afterAll(() => edge?.app.close());
beforeEach(() => {
  submitted.length = 0;
  inherited.length = 0;
  answer = () => ({ created: false });
});

interface Call {
  method?: 'GET' | 'PUT' | 'POST' | 'DELETE';
  token?: string | null;
  body?: unknown;
  headers?: Record<string, string>;
}

async function call(url: string, { method = 'GET', token = 'operator', body, headers }: Call = {}) {
  const response = await edge.fastify.inject({
    url,
    method,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined
      ? {}
      : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return {
    status: response.statusCode,
    json: response.body === '' ? null : response.json(),
    etag: response.headers['etag'],
    requestId: response.headers['x-request-id'],
  };
}
const put = (body: unknown, more: Call = {}) =>
  call('/api/v1/products/MUG', { method: 'PUT', body, ...more });
const restock = (body: unknown, more: Call = {}) =>
  call('/api/v1/inventory/MUG/restock', { method: 'POST', body, ...more });

describe('the catalogue', () => {
  it('is read by anybody, in pages', async () => {
    const first = await call('/api/v1/products?limit=5', { token: null });
    const rest = await call(`/api/v1/products?limit=5&cursor=${first.json.nextCursor}`);

    expect(first.json.items).toHaveLength(5);
    expect(rest.json.items.map(({ sku }: ProductView) => sku)).toEqual(['MUG-5', 'MUG-6']);
    expect(rest.json.nextCursor).toBeNull();
  });

  it.each(['limit=0', 'limit=201', 'limit=x', 'cursor=abc', 'sort=price', 'search='])(
    'refuses the query %s',
    async (query) => {
      const { status, json } = await call(`/api/v1/products?${query}`);
      expect([status, json.code]).toEqual([400, 'invalid_request']);
    },
  );

  it('answers 404 for a product that does not exist, and 400 for what is no SKU', async () => {
    expect(await call('/api/v1/products/NONE')).toMatchObject({
      status: 404,
      json: { code: 'unknown_sku' },
    });
    for (const sku of ['mug', 'A%00', `A${'B'.repeat(40)}`, '-A', 'A%2FB']) {
      expect((await call(`/api/v1/products/${sku}`)).status).toBe(400);
    }
  });

  it('is changed by operators: 201 for a new product, 200 for another version', async () => {
    expect(await put(details)).toMatchObject({ status: 200, json: mug });
    expect(forgotten).toEqual(['MUG']);
    answer = () => ({ created: true });
    expect((await put(details)).status).toBe(201);
    expect(submitted[0]?.data).toEqual({ sku: 'MUG', ...details });
  });

  it('has categories, for anybody', async () => {
    const { json } = await call('/api/v1/categories', { token: null });
    expect(json).toEqual({ items: [{ name: 'Home', products: 7 }], nextCursor: null });
    expect((await call('/api/v1/categories?name=x')).status).toBe(400);
  });

  it('is not sent again to whoever has the product as it is', async () => {
    const { etag } = await call('/api/v1/products/MUG');
    expect(etag).toBe('"3.5"');
    for (const known of ['"3.5"', 'W/"3.5"', '"1.1", "3.5"', '*']) {
      const again = await call('/api/v1/products/MUG', { headers: { 'if-none-match': known } });
      expect([known, again.status, again.json]).toEqual([known, 304, null]);
    }
    for (const other of ['"3.4"', '"2.5"', '3.5', '']) {
      const again = await call('/api/v1/products/MUG', { headers: { 'if-none-match': other } });
      expect([other, again.status]).toEqual([other, 200]);
    }
  });

  it.each([
    [{ 'if-match': '"3.5"' }, { is: 'revision', among: [3] }],
    [{ 'if-match': 'W/"3.5", "4"' }, { is: 'revision', among: [3, 4] }],
    [{ 'if-match': 'nonsense' }, { is: 'revision', among: [] }],
    [{ 'if-match': '*' }, { is: 'present' }],
    [{ 'if-none-match': '*' }, { is: 'absent' }],
  ])('decides a change with %j by the revision', async (headers, expected) => {
    expect((await put(details, { headers })).status).toBe(200);
    expect(submitted[0]?.data).toEqual({ sku: 'MUG', ...details, expected });
  });

  it.each([
    [{ 'if-none-match': '"3.5"' }, '/If-None-Match'],
    [{ 'if-none-match': '*', 'if-match': '*' }, '/If-None-Match'],
    [{ 'if-match': Array(101).fill('"1.1"').join() }, '/If-Match'],
  ])('refuses what it cannot compare: %j', async (headers, path) => {
    const { status, json } = await put(details, { headers });
    expect([status, json.errors[0].path]).toEqual([400, path]);
  });

  it('is left by a product that an operator withdraws', async () => {
    const withdraw = (more: Call = {}) =>
      call('/api/v1/products/MUG', { method: 'DELETE', ...more });
    forgotten.length = 0;
    expect((await withdraw({ headers: { 'if-match': '"3.5"' } })).status).toBe(204);
    expect(submitted[0]?.data).toEqual({ sku: 'MUG', expected: { is: 'revision', among: [3] } });
    expect(forgotten).toEqual(['MUG']);
    expect((await withdraw({ token: 'ada' })).status).toBe(403);
    answer = () => {
      throw Object.assign(new Error('it is at revision 4'), { code: 'precondition_failed' });
    };
    expect(await withdraw()).toMatchObject({ status: 412, json: { code: 'precondition_failed' } });
  });

  it('and its stock are changed by messages of the request that asks', async () => {
    const asked = [await put(details), await restock({ quantity: 1 })];
    const ids = asked.map(({ requestId }) => ({ correlationId: requestId }));
    expect(inherited).toMatchObject(ids);
  });

  it('is changed by nobody else', async () => {
    expect((await put(details, { token: null })).status).toBe(401);
    expect((await put(details, { token: 'ada' })).status).toBe(403);
    expect(submitted).toEqual([]);
  });

  it.each([
    ['/price/amount', { ...details, price: { amount: 0, currency: 'EUR' } }],
    ['/price/amount', { ...details, price: { amount: '1290', currency: 'EUR' } }],
    ['/price/amount', { ...details, price: { amount: 12.9, currency: 'EUR' } }],
    ['/price/amount', { ...details, price: { amount: 1_000_000_001, currency: 'EUR' } }],
    ['/weightGrams', { ...details, weightGrams: -1 }],
    ['/name', { ...details, name: 'mug\u0000' }],
    ['/available', { ...details, available: 9 }],
  ])('names the field %s that does not fit', async (path, body) => {
    const { status, json } = await put(body);
    expect(status).toBe(400);
    expect(json.errors[0].path).toBe(path);
    expect(submitted).toEqual([]);
  });

  it.each(['/images/no-such.svg', '/images/mug.png', '/images/mug'])(
    'refuses the picture %s, which it has not',
    async (imageUrl) => {
      const { status, json } = await put({ ...details, imageUrl });
      expect([status, json.code, json.errors[0].path]).toEqual([422, 'unknown_image', '/imageUrl']);
      expect(submitted).toEqual([]);
    },
  );

  it('refuses another currency as well-formed but wrong', async () => {
    answer = () => {
      throw Object.assign(new Error('this shop sells in EUR'), { code: 'wrong_currency' });
    };
    expect(await put(details)).toMatchObject({ status: 422, json: { code: 'wrong_currency' } });
  });
});

describe('the stock', () => {
  it('is shown to operators alone', async () => {
    expect((await call('/api/v1/inventory/MUG')).status).toBe(200);
    expect((await call('/api/v1/inventory/NONE')).status).toBe(404);
    expect((await call('/api/v1/inventory/MUG', { token: 'ada' })).status).toBe(403);
  });

  it('is taken in at the main warehouse unless another is named', async () => {
    expect((await restock({ quantity: 5 })).status).toBe(200);
    await restock({ quantity: 5, warehouse: 'NORTH' });

    expect(submitted.map(({ data }) => data)).toMatchObject([
      { sku: 'MUG', quantity: 5, warehouse: 'MAIN' },
      { sku: 'MUG', quantity: 5, warehouse: 'NORTH' },
    ]);
  });

  it('is one delivery for one Idempotency-Key, and another one without', async () => {
    const headers = { 'idempotency-key': 'delivery-7' };
    for (const more of [{ headers }, { headers }, {}, {}]) await restock({ quantity: 5 }, more);

    const ids = submitted.map(({ data }) => (data as { requestId: string }).requestId);
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(3);
  });

  it.each([
    ['/quantity', { quantity: 0 }],
    ['/quantity', { quantity: -5 }],
    ['/quantity', { quantity: 1.5 }],
    ['/quantity', { quantity: '5' }],
    ['/quantity', { quantity: 1_000_001 }],
    ['/quantity', {}],
    ['/warehouse', { quantity: 1, warehouse: 'main hall' }],
    ['/note', { quantity: 1, note: 'x' }],
  ])('refuses a restock whose %s does not fit', async (path, body) => {
    const { status, json } = await restock(body);
    expect([status, json.errors[0].path]).toEqual([400, path]);
  });

  it('refuses an Idempotency-Key that is too long, and a body that is no JSON', async () => {
    const headers = { 'idempotency-key': 'k'.repeat(256) };
    expect((await restock({ quantity: 1 }, { headers })).status).toBe(400);
    expect((await restock('{"quantity":')).status).toBe(400);
    expect(submitted).toEqual([]);
  });
});
