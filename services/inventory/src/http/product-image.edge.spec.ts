import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Message } from '@waybill/contracts';
import { type EdgeApp, edgeApp } from '@waybill/http/testing';
import { Submitter } from '@waybill/messaging';
import { declarationOf } from '@waybill/service';
import { InventoryModule } from '../inventory.module.ts';
import { ImageBlobs } from '../resizing/image-blobs.ts';
import { ImageRepository } from '../storage/image.repository.ts';
import { ImagesController } from './images.controller.ts';
import { ProductImageController } from './product-image.controller.ts';

const uploaded = 'a'.repeat(64);
const images = {
  find: async (sku: string) => (sku === 'MUG' ? { sku, state: 'pending' } : undefined),
  findSize: async (key: string) =>
    key === `${uploaded}-384.webp` ? { of: 384, reference: 'b'.repeat(64) } : undefined,
};
const blobs = {
  put: async () => uploaded,
  get: async (reference: string) => Buffer.from(`bytes of ${reference}`),
};
const submitted: Message[] = [];

class Submissions extends Submitter {
  async submit<A>(message: Message): Promise<A> {
    submitted.push(message);
    return undefined as A;
  }
}

let edge: EdgeApp;
beforeAll(async () => {
  edge = await edgeApp([ProductImageController, ImagesController], {
    providers: [
      { provide: Submitter, useClass: Submissions },
      { provide: ImageRepository, useValue: images },
      { provide: ImageBlobs, useValue: blobs },
    ],
    problems: declarationOf(InventoryModule).problems ?? {},
  });
});
afterAll(() => edge?.app.close());
beforeEach(() => {
  submitted.length = 0;
});

describe('an uploaded picture', () => {
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  const upload = async (
    payload: Buffer,
    { type = 'image/png', query = '', token = 'operator' } = {},
  ) => {
    const response = await edge.fastify.inject({
      method: 'PUT',
      url: `/api/v1/products/MUG/image${query}`,
      headers: { authorization: `Bearer ${token}`, 'content-type': type },
      payload,
    });
    return { status: response.statusCode, json: response.json() };
  };

  it('is stored, and its key submitted', async () => {
    const answer = await upload(png, { query: '?urgent=true' });
    expect(answer).toEqual({ status: 202, json: { sku: 'MUG', state: 'pending' } });
    expect(submitted[0]?.data).toEqual({ sku: 'MUG', image: uploaded, urgent: true });
    expect((await upload(png, { type: 'application/octet-stream' })).status).toBe(202);
  });

  it.each([
    ['nothing', Buffer.alloc(0), {}, 422, ''],
    ['a GIF', Buffer.from('GIF89a'), {}, 415, ''],
    ['half of it', png.subarray(0, 20), {}, 422, ''],
    ['what it says is a text', png, { type: 'text/plain' }, 415, '/Content-Type'],
    ['an unknown urgency', png, { query: '?urgent=very' }, 400, '/urgent'],
    ['too many bytes', Buffer.alloc(5 * 1024 * 1024 + 1), {}, 413, undefined],
  ])('is refused as %s, with the rule', async (_, bytes, more, status, path) => {
    const answer = await upload(bytes, more);
    expect([answer.status, answer.json.errors?.[0].path]).toEqual([status, path]);
    expect(submitted).toEqual([]);
  });

  it('is for operators', async () => {
    expect((await upload(png, { token: 'ada' })).status).toBe(403);
    const read = (token: string, sku: string) =>
      edge.fastify.inject({
        url: `/api/v1/products/${sku}/image`,
        headers: { authorization: `Bearer ${token}` },
      });
    expect((await read('ada', 'MUG')).statusCode).toBe(403);
    expect((await read('operator', 'NONE')).json().code).toBe('unknown_image');
  });

  it('is served for ever once it is resized', async () => {
    const url = `/images/${uploaded}-384.webp`;
    const answer = await edge.fastify.inject({ url });
    expect(answer.body).toBe(`bytes of ${'b'.repeat(64)}`);
    expect(answer.headers).toMatchObject({
      'content-type': 'image/webp',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      etag: `"${'b'.repeat(16)}"`,
    });
    const headers = { 'if-none-match': String(answer.headers['etag']) };
    expect((await edge.fastify.inject({ url, headers })).statusCode).toBe(304);
    const other = await edge.fastify.inject({ url: `/images/${uploaded}-385.webp` });
    expect(other.statusCode).toBe(404);
  });
});

describe('the pictures', () => {
  const picture = (key: string, headers: Record<string, string> = {}) =>
    edge.fastify.inject({ url: `/images/${key}`, headers });

  it('are there for anybody, whatever token comes with the request, and may be kept', async () => {
    const answer = await picture('mug.svg', { authorization: 'Bearer nonsense' });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'image/svg+xml; charset=utf-8',
      'cache-control': 'public, max-age=86400',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      etag: expect.stringMatching(/^"[\w-]{16}"$/),
    });
    expect(answer.body).toMatch(/^<svg .*<\/svg>\n$/s);
  });

  it('are not sent again to whoever has them', async () => {
    const { headers } = await picture('mug.svg');
    const etag = String(headers['etag']);
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const again = await picture('mug.svg', { 'if-none-match': known });
      expect([known, again.statusCode, again.body]).toEqual([known, 304, '']);
      expect(again.headers['etag']).toBe(etag);
    }
    expect((await picture('mug.svg', { 'if-none-match': '"x"' })).statusCode).toBe(200);
    expect((await picture('kettle.svg', { 'if-none-match': etag })).statusCode).toBe(200);
  });

  it.each(['no-such.svg', 'mug', 'MUG.svg', '..%2fpackage.json', '__proto__', 'constructor'])(
    'are not there under %s',
    async (key) => {
      expect((await picture(key)).json()).toMatchObject({ status: 404, code: 'unknown_image' });
    },
  );
});
