import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { Caller, Public, Roles, Tokenless } from '../auth/caller.ts';
import { paging } from '../page.ts';
import { type EdgeApp, edgeApp } from '../testing/edge-app.ts';
import { Answers, Refuses } from './answers.ts';
import { type ApiDocument, mergeOpenApi, openApiOf } from './open-api.ts';
import { serveDocs } from './serve-docs.ts';

const line = z.strictObject({ sku: z.string(), quantity: z.int().min(1) }).meta({ id: 'DocLine' });
const order = z.strictObject({ lines: z.array(line).min(1).max(100), note: z.string().nullable() });
const view = z
  .strictObject({ id: z.uuid(), lines: z.array(line), placedAt: z.iso.datetime() })
  .meta({ id: 'DocOrder' });
const list = z.strictObject({ ...paging, status: z.enum(['pending', 'confirmed']).optional() });

@Controller('api/v1/orders')
class OrdersController {
  @Post()
  @Answers(202, view, 'The order')
  @Refuses(422, 'unknown_sku')
  place(@Body({ schema: order }) _body: z.output<typeof order>, @Caller() _caller: Caller) {}

  @Get()
  list(@Query({ schema: list }) _query: z.output<typeof list>) {}

  @Get(':id')
  @Answers(200, view, 'The order')
  read(@Param('id', { schema: z.uuid() }) _id: string) {}
}

@Controller('api/v1/products')
class ProductsController {
  @Public()
  @Get()
  list() {}

  @Tokenless()
  @Post()
  told() {}

  @Roles('operator')
  @Delete(':sku')
  @Answers(204, null, 'Gone')
  @Refuses(404, 'unknown_sku')
  withdraw(@Param('sku', { schema: z.string() }) _sku: string) {}
}

describe('the API document', () => {
  let orders: EdgeApp;
  let products: EdgeApp;
  let merged: ApiDocument;
  beforeAll(async () => {
    orders = await edgeApp([OrdersController]);
    products = await edgeApp([ProductsController], {
      beforeInit: (fastify) => serveDocs(fastify, async () => ({ document: merged, whole: true })),
    });
    merged = mergeOpenApi([openApiOf(orders.app, 'Orders'), openApiOf(products.app, 'Products')]);
  });
  afterAll(() => Promise.all([orders.app.close(), products.app.close()]));

  it('is OpenAPI 3.1 and merges the routes of all services', () => {
    expect(merged.openapi).toBe('3.1.0');
    expect(Object.keys(merged.paths)).toEqual([
      '/api/v1/orders',
      '/api/v1/orders/{id}',
      '/api/v1/products',
      '/api/v1/products/{sku}',
    ]);
  });

  it('describes bodies, queries and answers by their zod schemas', () => {
    const post = merged.paths['/api/v1/orders']?.post;
    expect(JSON.stringify(post?.requestBody)).toContain('#/components/schemas/DocLine');
    expect(JSON.stringify(post?.responses['202'])).toContain('#/components/schemas/DocOrder');
    const parameters = merged.paths['/api/v1/orders']?.get?.parameters;
    expect(parameters).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'limit', in: 'query', required: false }),
        expect.objectContaining({ name: 'status', in: 'query' }),
      ]),
    );
    expect(merged.components?.schemas?.['DocLine']).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: ['sku', 'quantity'],
    });
  });

  it('tells the problems of every route, and those of one route', () => {
    const post = merged.paths['/api/v1/orders']?.post;
    expect(Object.keys(post?.responses ?? {})).toEqual(
      expect.arrayContaining(['202', '400', '401', '413', '422', '503']),
    );
    expect(JSON.stringify(post?.responses['422'])).toContain('unknown_sku');
    expect(merged.paths['/api/v1/orders']?.get?.responses['413']).toBeUndefined();
  });

  it('tells who may call a route', () => {
    const { get } = merged.paths['/api/v1/products'] ?? {};
    expect(get?.security).toEqual([{}, { bearer: [] }]);
    expect(merged.paths['/api/v1/products']?.post?.security).toEqual([{}]);
    expect(merged.paths['/api/v1/orders']?.post?.security).toEqual([{ bearer: [] }]);
    const withdraw = merged.paths['/api/v1/products/{sku}']?.delete;
    expect(withdraw?.security).toEqual([{ bearer: ['operator'] }]);
    expect(JSON.stringify(withdraw?.responses['403'])).toContain('"forbidden"');
  });

  it('tells that every route that looks at a token refuses those of inactive customers', () => {
    const { get: list, post: told } = merged.paths['/api/v1/products'] ?? {};
    const withdraw = merged.paths['/api/v1/products/{sku}']?.delete;
    expect(list?.responses['403']).toMatchObject({ description: '`customer_inactive`' });
    expect(withdraw?.responses['403']).toMatchObject({
      description: '`forbidden`, `customer_inactive`',
    });
    expect(told?.responses['403']).toBeUndefined();
  });

  it('tells what any route with a body or a parameter may refuse, and 503 only where something can be away', () => {
    const withdraw = merged.paths['/api/v1/products/{sku}']?.delete;
    expect(Object.keys(withdraw?.responses ?? {})).toEqual([
      '204',
      '400',
      '401',
      '403',
      '404',
      '413',
      '414',
      '415',
      '429',
      '503',
    ]);
    const alone = openApiOf(products.app, 'Products', { standsAlone: true });
    const { get: read, post: told } = alone.paths['/api/v1/products'] ?? {};
    // The issuer of the token that a caller shows may be away.
    expect(read?.responses['503']).toBeDefined();
    expect(told?.responses['503']).toBeUndefined();
  });

  it('has no reference into nowhere', () => {
    const references = [...JSON.stringify(merged).matchAll(/"#\/components\/schemas\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(0);
    for (const [, name = ''] of references) {
      expect(Object.keys(merged.components?.schemas ?? {})).toContain(name);
    }
  });

  it('is served with its viewer, without a token and without the internet', async () => {
    const document = await products.fastify.inject('/openapi.json');
    expect(document.json().openapi).toBe('3.1.0');
    const page = await products.fastify.inject('/docs');
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toMatch(/https?:/);
    for (const [, url = ''] of page.body.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect((await products.fastify.inject(url)).statusCode).toBe(200);
    }
    expect((await products.fastify.inject('/docs/package.json')).statusCode).toBe(404);
  });
});
