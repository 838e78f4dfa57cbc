import { randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { expect, it } from '@jest/globals';
import type { ProblemView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { aProduct, stockOf } from '../system/products.ts';
import type { Target } from './target.ts';

/** One pixel as PNG, and the same with a head that promises more than there is. */
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const cutOff = picture.subarray(0, 45);
/** A PNG with another width in its head. */
function withWidth(png: Buffer, width: number): Buffer {
  const changed = Buffer.from(png);
  changed.writeUInt32BE(width, 16);
  changed.writeUInt32BE(crc32(changed.subarray(12, 29)), 29);
  return changed;
}

/** The catalogue, and the stock of its products. */
export function catalogueTests(target: () => Target): void {
  it('shows products to everybody, page by page', async () => {
    for (let i = 0; i < 4; i += 1) await target().product(1);
    const nobody = target().anonymous();
    const products = await nobody.all('/api/v1/products', { query: { limit: 200 } });
    const skus = products.map(({ sku }) => sku);
    expect(new Set(skus).size).toBe(skus.length);
    expect(skus).toContain(target().usualSku);
    const sku = target().usualSku;
    const one = await nobody.read('/api/v1/products/{sku}', { path: { sku } });
    expect(one).toMatchObject({ sku, price: { currency: 'EUR' } });
  });

  it('has a picture of every product that names one of this shop', async () => {
    const nobody = target().anonymous();
    const products = await nobody.all('/api/v1/products', { query: { limit: 200 } });
    const own = products.filter(({ imageUrl }) => imageUrl.startsWith('/'));
    expect(own.length).toBeGreaterThan(0);
    for (const { imageUrl } of own) {
      const { status, headers, bytes } = await nobody.get(imageUrl);
      expect([imageUrl, status]).toEqual([imageUrl, 200]);
      expect(headers.get('content-type')).toMatch(/^image\//);
      expect(headers.get('cache-control')).toContain('max-age=');
      expect(bytes.length).toBeGreaterThan(100);
      const known = { headers: { 'if-none-match': headers.get('etag') ?? '' } };
      const again = await nobody.send('GET', imageUrl, known);
      expect([again.status, again.bytes.length]).toEqual([304, 0]);
    }
  });

  it('is filtered by category, and searched by name', async () => {
    const category = target().unique('Instruments');
    const name = target().unique('Orrery');
    const sku = await target().product(1, { category, name });
    const nobody = target().anonymous();
    for (const query of [{ category }, { search: name }, { search: name.toLowerCase() }]) {
      const { items } = await nobody.read('/api/v1/products', { query });
      expect([query, items.map((each) => each.sku)]).toEqual([query, [sku]]);
    }
    const none = await nobody.read('/api/v1/products', { query: { search: `${name}x` } });
    expect(none.items).toEqual([]);
  });

  it('tells the categories, and how many products each has', async () => {
    const category = target().unique('Cogs');
    await Promise.all([target().product(1, { category }), target().product(1, { category })]);
    const nobody = target().anonymous();
    const all = await nobody.all('/api/v1/categories', { query: { limit: 200 } });
    expect(all.filter(({ name }) => name === category)).toEqual([{ name: category, products: 2 }]);
  });

  it('withdraws a product: no longer shown or ordered, while its order goes on, until it is put on sale again', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const sku = await target().product(5);
    const path = `/api/v1/products/${sku}`;
    const lines = [{ sku, quantity: 1 }];
    const known = (await ops.send('GET', path)).headers.get('etag') ?? '';
    const { status } = await ops.send('GET', path, { headers: { 'if-none-match': known } });
    expect(status).toBe(304);
    const order = await ada.placeOrder({ lines });
    const stale = { 'if-match': '"999.1"' };
    expect((await ops.send('DELETE', path, { headers: stale })).status).toBe(412);
    const body = await eventually('it is withdrawn as it is now', async () => {
      const read = await ops.send('GET', path);
      const current = { 'if-match': read.headers.get('etag') ?? '' };
      // The order takes its unit in the meantime, which makes what was read stale.
      const { status } = await ops.send('DELETE', path, { headers: current });
      return status === 204 && read.body;
    });
    expect((await ops.send('DELETE', path)).status).toBe(204);
    expect((await ops.get(path)).status).toBe(404);
    expect(await ada.settled(order.body.id)).toMatchObject({ status: 'confirmed' });
    await eventually('it cannot be ordered', async () => {
      const { status, body } = await ada.placeOrder({ lines });
      return status === 422 && (body as unknown as ProblemView).code === 'unknown_sku';
    });
    const { sku: _, available: __, ...details } = body as Record<string, unknown>;
    const only = { json: details, headers: { 'if-none-match': '*' } };
    expect((await ops.send('PUT', path, only)).status).toBe(201);
    expect((await ops.send('PUT', path, only)).status).toBe(412);
    const again = await ada.buy({ lines });
    expect(again.status).toBe('confirmed');
  });

  it('shows an uploaded picture once it is resized, and tells why one cannot be', async () => {
    const ops = await target().as('ops');
    const sku = await target().product(1);
    const path = `/api/v1/products/${sku}/image`;
    const upload = (bytes: Buffer, query = '', headers: Record<string, string> = {}) =>
      ops.send<{ state: string }>('PUT', `${path}${query}`, {
        raw: bytes,
        headers: { 'content-type': 'image/png', ...headers },
      });
    const settled = (state: string) =>
      eventually(`the picture is ${state}`, async () => {
        const { body } = await ops.get<{ state: string; failure: string | null }>(path);
        return body.state === state && body;
      });
    expect((await upload(picture, '?urgent=true')).status).toBe(202);
    await settled('ready');
    const { imageUrl } = await ops.read('/api/v1/products/{sku}', { path: { sku } });
    const { status, headers, bytes } = await target().anonymous().get(imageUrl);
    expect([status, headers.get('content-type')]).toEqual([200, 'image/webp']);
    expect(headers.get('cache-control')).toContain('immutable');
    expect(bytes.subarray(8, 12).toString()).toBe('WEBP');
    expect((await upload(picture)).body.state).toBe('ready');
    expect((await upload(picture, '', { 'if-match': '"999.1"' })).status).toBe(412);

    expect((await upload(cutOff)).status).toBe(202);
    expect((await settled('failed')).failure).toMatch(/./);
    const after = await ops.read('/api/v1/products/{sku}', { path: { sku } });
    expect(after.imageUrl).toBe(imageUrl);
    for (const [bytes, refused] of [
      [Buffer.alloc(0), 422],
      [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 415],
      [Buffer.alloc(5 * 1024 * 1024 + 1), 413],
      [withWidth(picture, 60_000), 422],
    ] as const) {
      expect((await upload(bytes)).status).toBe(refused);
    }
  });

  it('sells a new product at its price of the moment, and counts what is left', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const sku = await target().product(10);
    const first = await ada.buy({ lines: [{ sku, quantity: 3 }] });
    expect(first).toMatchObject({ status: 'confirmed', subtotal: { amount: 7_500 } });
    const stock = await eventually('the goods are sold', async () => {
      const found = await stockOf(ops, sku);
      return found.sold > 0 && found;
    });
    expect(stock).toMatchObject({ onHand: 7, available: 7, reserved: 0, sold: 3 });
    expect(stock.movements.map(({ kind }) => kind).sort()).toEqual([
      'received',
      'reserved',
      'sold',
    ]);
    const dearer = aProduct({ price: { amount: 3_000, currency: 'EUR' } });
    const changed = await ops.send('PUT', `/api/v1/products/${sku}`, { json: dearer });
    expect([changed.status, changed.body]).toEqual([200, expect.objectContaining({ sku })]);
    await eventually('the new price counts', async () => {
      const order = await ada.placeOrder({ lines: [{ sku, quantity: 1 }] });
      await ada.settled(order.body.id);
      return order.body.subtotal.amount === 3_000;
    });
  });

  it.each([
    [{ price: { amount: 0, currency: 'EUR' } }, 400, '/price/amount'],
    [{ price: { amount: 1.5, currency: 'EUR' } }, 400, '/price/amount'],
    [{ price: { amount: '1', currency: 'EUR' } }, 400, '/price/amount'],
    [{ price: { amount: 1_000_000_001, currency: 'EUR' } }, 400, '/price/amount'],
    [{ price: { amount: 1, currency: 'eur' } }, 400, '/price/currency'],
    [{ weightGrams: 0 }, 400, '/weightGrams'],
    [{ imageUrl: 'javascript:alert(1)' }, 400, '/imageUrl'],
    [{ imageUrl: '//example.com/x.png' }, 400, '/imageUrl'],
    [{ imageUrl: '/elsewhere/x.png' }, 400, '/imageUrl'],
    [{ imageUrl: '/images/no-such.svg' }, 422, '/imageUrl'],
    [{ name: '' }, 400, '/name'],
    [{ name: 'n'.repeat(201) }, 400, '/name'],
    [{ available: 1 }, 400, '/available'],
    [{ sku: 'OTHER' }, 400, '/sku'],
    [{ price: { amount: 1, currency: 'USD' } }, 422, undefined],
  ] as const)('refuses a product with %j', async (parts, status, path) => {
    const ops = await target().as('ops');
    const sku = target().unique('E2E-WRONG');
    const json = aProduct(parts);
    const answer = await ops.send<ProblemView>('PUT', `/api/v1/products/${sku}`, { json });
    expect(answer.status).toBe(status);
    if (path) expect(answer.body.errors?.map((error) => error.path)).toContain(path);
    expect((await ops.get(`/api/v1/products/${sku}`)).status).toBe(404);
  });

  it('takes goods in once for a key, and refuses the key for other goods', async () => {
    const ops = await target().as('ops');
    const sku = await target().product(1);
    const key = { 'idempotency-key': randomUUID() };
    const restock = (quantity: number, headers = {}) =>
      ops.post<ProblemView>(`/api/v1/inventory/${sku}/restock`, { quantity }, headers);
    const first = await restock(5, key);
    const again = await restock(5, key);
    expect([first.status, again.body]).toEqual([200, first.body]);
    const other = await restock(6, key);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
    expect((await restock(2)).status).toBe(200);
    expect(await stockOf(ops, sku)).toMatchObject({ available: 8, received: 8 });
    expect((await restock(1, { 'idempotency-key': 'k'.repeat(256) })).status).toBe(400);
  });

  it('puts goods where they are said to be', async () => {
    const ops = await target().as('ops');
    const sku = await target().product(1);
    const path = `/api/v1/inventory/${sku}/restock`;
    expect((await ops.post(path, { quantity: 2, warehouse: 'NORTH' })).status).toBe(200);
    const { warehouses } = await stockOf(ops, sku);
    expect(warehouses).toContainEqual({ code: 'NORTH', onHand: 2 });
  });

  it('wants more of a product that is low, until goods come, whoever brings them', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const sku = await target().product(100);
    const { available, threshold } = await stockOf(ops, sku);
    await ada.buy({ lines: [{ sku, quantity: available - threshold }] });
    const low = await eventually('more is wanted', async () => {
      const { replenishment } = await stockOf(ops, sku);
      return replenishment?.requestId ? replenishment : undefined;
    });
    expect(low.quantity).toBeGreaterThanOrEqual(Math.max(1, 2 * threshold));
    await ops.post(`/api/v1/inventory/${sku}/restock`, { quantity: 5 });
    await eventually('nothing is wanted', async () => {
      const { replenishment } = await stockOf(ops, sku);
      return replenishment?.status === 'idle';
    });
  });

  it('believes no supplier who does not sign', async () => {
    const path = '/api/v1/suppliers/granary/webhooks';
    const data = { supplier: 'granary', requestId: randomUUID(), sku: 'MUG', quantity: 5 };
    const event = { type: 'goods.delivered', data: { ...data, at: new Date().toISOString() } };
    const nobody = target().anonymous();
    const unsigned = await nobody.post<ProblemView>(path, event);
    expect([unsigned.status, unsigned.body.code]).toEqual([401, 'invalid_signature']);
    const foreign = await target().tell('payment', path, randomUUID(), event);
    expect(foreign.status).toBe(401);
    const elsewhere = await target().tell('payment', '/api/v1/suppliers/x/webhooks', 'x', event);
    expect(elsewhere.status).toBe(404);
  });

  it.each([
    { quantity: 0 },
    { quantity: -5 },
    { quantity: 1.5 },
    { quantity: '5' },
    { quantity: 1_000_001 },
    { quantity: 5, other: 1 },
    { quantity: 5, warehouse: 'no such code' },
    {},
  ])('refuses the restock %j', async (body) => {
    const ops = await target().as('ops');
    const path = `/api/v1/inventory/${target().usualSku}/restock`;
    expect((await ops.post(path, body)).status).toBe(400);
  });
}
