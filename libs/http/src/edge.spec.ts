import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, HttpCode, Injectable, Param, Post, Query } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { RouteConfig } from '@nestjs/platform-fastify';
import { Overloaded, Unavailable } from '@waybill/messaging';
import { Trace } from '@waybill/observability';
import type { InjectOptions } from 'fastify';
import { z } from 'zod';
import { Caller, Public, Roles, Tokenless } from './auth/caller.ts';
import { PagedList, paging } from './page.ts';
import { Problem } from './problem.ts';
import type { ServiceAdapter } from './service-adapter.ts';
import { type EdgeApp, edgeApp } from './testing/edge-app.ts';
import { speak } from './testing/speak.ts';

const thing = z.strictObject({
  name: z.string().min(1).max(20),
  count: z.int().min(1).max(9),
  tags: z.array(z.strictObject({ label: z.string() })).optional(),
});
const list = z.strictObject({ ...paging });
const numbers = new PagedList('numbers', z.int());

const failures: Record<string, () => unknown> = {
  overloaded: () => new Overloaded(300),
  unavailable: () => new Unavailable('the database did not answer in time'),
  refused: () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
  unnamed: () => Object.assign(new Error('getaddrinfo EAI_AGAIN db'), { code: 'EAI_AGAIN' }),
  shutdown: () => Object.assign(new Error('terminating connection'), { code: '57P01' }),
  driver: () => Object.assign(new Error('q'), { driverError: { code: '08006' } }),
  domain: () => Object.assign(new Error('order 7 is shipped'), { code: 'order_shipped' }),
  field: () => Object.assign(new Error('it is in USD'), { code: 'order_shipped', path: '/price' }),
  bug: () => new TypeError('secret detail of a bug'),
  text: () => 'a thrown string',
  nothing: () => undefined,
};

@Controller()
class EdgeController {
  @Post('things')
  @HttpCode(202)
  make(
    @Body({ schema: thing }) body: z.output<typeof thing>,
    @Caller() caller: Caller,
    @Trace() trace: Trace,
  ) {
    return { made: body, by: caller.id, ...trace };
  }

  @Get('things')
  list(@Query({ schema: list }) query: z.output<typeof list>) {
    const { after = 0, take, page } = numbers.read(query);
    const items = Array.from({ length: take }, (_, i) => after + i + 1);
    return page(items, (last) => last);
  }

  @Get('things/:id')
  read(@Param('id', { schema: z.uuid() }) id: string) {
    throw new Problem(404, 'thing_not_found', `thing ${id} is unknown`);
  }

  @Public()
  @Get('open')
  open(@Caller() caller: Caller | null, @Trace() trace: Trace) {
    return { caller: caller?.id ?? null, ...trace };
  }

  @Tokenless()
  @Post('signed')
  @HttpCode(200)
  signed(@Caller() caller: Caller | null) {
    return { caller };
  }

  @Roles('operator')
  @Get('admin')
  admin() {
    return 'ok';
  }

  @Public()
  @Get('fails/:how')
  fail(@Param('how') how: string) {
    throw failures[how]?.();
  }

  @Public()
  @Post('large')
  @RouteConfig({ bodyLimit: 1024 * 1024 })
  large(@Body() body: { text: string }) {
    return { length: body.text.length };
  }

  @Post('picture')
  @RouteConfig({ bodyLimit: 1024 * 1024, binary: ['image/png'] })
  picture(@Body() body: Buffer) {
    return { bytes: body.length };
  }
}

let busy: Problem | undefined;

@Injectable()
class Doorkeeper {
  constructor(adapters: HttpAdapterHost<ServiceAdapter>) {
    adapters.httpAdapter.checkFirst('POST', '/things', () => busy);
  }
}

describe('the HTTP edge', () => {
  let edge: EdgeApp;
  beforeAll(async () => {
    edge = await edgeApp([EdgeController], {
      problems: { order_shipped: 409 },
      providers: [Doorkeeper],
    });
  });
  afterAll(() => edge.app.close());

  const send = async (options: InjectOptions) => {
    const response = await edge.fastify.inject(options);
    const json = /json/.test(String(response.headers['content-type'])) ? response.json() : null;
    return { status: response.statusCode, headers: response.headers, json };
  };
  const asAda = { authorization: 'Bearer ada' };
  const post = (payload: string | Buffer, type = 'application/json') =>
    send({ method: 'POST', url: '/things', payload, headers: { ...asAda, 'content-type': type } });

  it('gives a route its checked body, its caller and its request', async () => {
    const { status, json, headers } = await post('{"name":"a","count":1}');
    expect(status).toBe(202);
    expect(json.made).toEqual({ name: 'a', count: 1 });
    expect(json.by).toContain('ada0');
    expect(json.correlationId).toBe(headers['x-request-id']);
    expect(json.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(headers['x-powered-by']).toBeUndefined();
  });

  it.each([
    ['GET', '/open?x=1&%7E=2', '{}'],
    ['POST', '/things?x=1&~=2', '{"name":"a","count":1}'],
    ['POST', '/signed?x=1&~=2', '{}'],
  ] as const)(
    'refuses a query where the route takes none, and names it: %s %s',
    async (method, url, payload) => {
      const headers = { ...asAda, 'content-type': 'application/json' };
      const { status, json } = await send({
        method,
        url,
        headers,
        ...(method === 'POST' ? { payload } : {}),
      });
      expect(status).toBe(400);
      expect(json).toMatchObject({
        code: 'invalid_request',
        detail: 'the query: /x is not a known property',
        errors: [
          { path: '/x', message: 'is not a known property' },
          { path: '/~0', message: 'is not a known property' },
        ],
      });
    },
  );

  it('takes a question mark alone, and no body or an empty one where the route takes none', async () => {
    expect((await send({ url: '/open?' })).status).toBe(200);
    const signed = { method: 'POST', url: '/signed?' } as const;
    expect((await send(signed)).status).toBe(200);
    const headers = { 'content-type': 'application/json' };
    for (const payload of ['{}', '']) {
      expect((await send({ ...signed, headers, payload })).status).toBe(200);
    }
    for (const payload of ['{"x":1}', '[]', 'null', '1']) {
      const { status, json } = await send({ ...signed, headers, payload });
      expect([payload, status, json.code]).toEqual([payload, 400, 'invalid_request']);
    }
  });

  it('refuses before it knows the caller or reads a word, where a route wants that', async () => {
    const headers = { 'retry-after': '5' };
    busy = new Problem(503, 'overloaded', 'too much waits', { headers });
    const refused = [
      await post('{"name":"a","count":1}'),
      await post('{"name":'),
      await post('x', 'text/plain'),
    ];
    const stranger = await send({
      method: 'POST',
      url: '/things',
      payload: { name: 'a', count: 1 },
    });
    for (const { status, json, headers } of [...refused, stranger]) {
      expect([status, json.code, headers['retry-after']]).toEqual([503, 'overloaded', '5']);
      expect(json.correlationId).toBe(headers['x-request-id']);
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
    expect((await send({ url: '/things', headers: asAda })).status).toBe(200);
    busy = undefined;
    expect((await post('{"name":"a","count":1}')).status).toBe(202);
  });

  it('continues the trace of its caller with a span of its own', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const { json } = await send({
      url: '/open',
      headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01` },
    });
    expect(json.traceparent).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
    expect(json.traceparent).not.toContain('00f067aa0ba902b7');
  });

  const badBodies: readonly [string, string | Buffer, string, string?][] = [
    ['no JSON', '{"name":', 'malformed_json'],
    ['nothing', '', 'invalid_request'],
    ['null', 'null', 'invalid_request'],
    ['an array', '[]', 'invalid_request'],
    ['an unknown property', '{"name":"a","count":1,"x":1}', 'invalid_request', '/x'],
    ['a wrong type', '{"name":1,"count":1}', 'invalid_request', '/name'],
    ['a number out of range', '{"name":"a","count":1e308}', 'invalid_request', '/count'],
    [
      'a nested unknown property',
      '{"name":"a","count":1,"tags":[{"label":"a","y/z":1}]}',
      'invalid_request',
      '/tags/0/y~1z',
    ],
    ['U+0000', '{"name":"a\\u0000","count":1}', 'invalid_request', '/name'],
    ['a lone surrogate', '{"name":"\\ud800","count":1}', 'invalid_request', '/name'],
    ['a lone surrogate in a key', '{"name":"a","count":1,"\\ud800":1}', 'invalid_request'],
    [
      '__proto__',
      '{"name":"a","count":1,"__proto__":{"count":2}}',
      'invalid_request',
      '/__proto__',
    ],
    [
      'an escaped __proto__',
      '{"name":"a","count":1,"\\u005f_proto__":{}}',
      'invalid_request',
      '/__proto__',
    ],
    ['constructor', '{"name":"a","count":1,"constructor":{}}', 'invalid_request', '/constructor'],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'malformed_json'],
    ['an overlong encoding', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), 'malformed_json'],
    ['a depth bomb of arrays', '['.repeat(30_000) + ']'.repeat(30_000), 'malformed_json'],
    [
      'a depth bomb of objects',
      `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
      'malformed_json',
    ],
    [
      'a depth bomb behind brackets in a string',
      `{"a":"]]]]${']'.repeat(60)}","b":${'['.repeat(40)}${']'.repeat(40)}}`,
      'malformed_json',
    ],
  ];
  const bodyCases = badBodies.map(([name, body, code, path]) => ({ name, body, code, path }));
  it.each(bodyCases)('refuses $name with a 400 that names it', async ({ body, code, path }) => {
    const { status, json, headers } = await post(body);
    expect(status).toBe(400);
    expect(json).toMatchObject({
      status: 400,
      code,
      type: `urn:waybill:problem:${code}`,
      title: 'Bad Request',
    });
    expect(headers['content-type']).toContain('application/problem+json');
    if (path) expect(json.errors.map((error: { path: string }) => error.path)).toContain(path);
  });

  it('takes brackets and escapes inside strings for what they are', async () => {
    const name = '[[[[{{{{\\u00e9';
    expect((await post(`{"name":"${name}","count":1}`)).status).toBe(202);
  });

  it('refuses a body that is too large, and one that is no JSON by its type', async () => {
    const large = JSON.stringify({ name: 'x'.repeat(70_000), count: 1 });
    expect((await post(large)).json).toMatchObject({ status: 413, code: 'body_too_large' });
    expect((await post('a=1', 'application/x-www-form-urlencoded')).json).toMatchObject({
      status: 415,
      code: 'unsupported_media_type',
    });
    expect((await post('hello', 'text/plain')).status).toBe(415);
  });

  it('lets a route take more', async () => {
    const payload = JSON.stringify({ text: 'x'.repeat(200_000) });
    const { json } = await send({
      method: 'POST',
      url: '/large',
      payload,
      headers: { 'content-type': 'application/json' },
    });
    expect(json).toEqual({ length: 200_000 });
  });

  it('gives a route of binary bodies their bytes, of its own media types only', async () => {
    const picture = (type: string, payload: Buffer | string, url = '/picture') =>
      send({ method: 'POST', url, payload, headers: { ...asAda, 'content-type': type } });
    const bytes = Buffer.alloc(200_000, 0xff);
    expect((await picture('image/png', bytes)).json).toEqual({ bytes: 200_000 });
    expect((await picture('image/png', Buffer.alloc(1_048_577))).status).toBe(413);
    for (const type of ['image/gif', 'application/json', 'application/octet-stream']) {
      expect((await picture(type, '{')).json).toMatchObject({
        code: 'unsupported_media_type',
        errors: [{ path: '/Content-Type', message: 'is one of image/png' }],
      });
    }
    expect((await picture('image/png', bytes.subarray(0, 9), '/things')).status).toBe(415);
    const stranger = { method: 'POST', url: '/picture', payload: {} } as const;
    expect((await send(stranger)).status).toBe(401);
    const large = JSON.stringify('x'.repeat(100_000));
    expect((await picture('application/json', large)).status).toBe(415);
  });

  const badTargets = [
    '/things/%ff',
    '/things?cursor=%ff',
    '/things?cursor=%00',
    '/things/%00',
    '/%c0%af',
  ];
  it.each(badTargets)('refuses the target %s', async (url) => {
    const { status, json } = await send({ url, headers: asAda });
    expect(status).toBe(400);
    expect(json.code).toBe('malformed_url');
  });

  it('tells unknown paths from unknown methods', async () => {
    expect((await send({ url: '/nowhere' })).json).toMatchObject({
      status: 404,
      code: 'not_found',
    });
    const { status, headers, json } = await send({ method: 'DELETE', url: '/things?x=1' });
    expect([status, json.code]).toEqual([405, 'method_not_allowed']);
    expect(headers['allow']).toBe('GET, HEAD, POST');
  });

  it.each([['201'], ['0'], ['-1'], ['1.5'], ['x'], ['']])(
    'refuses the limit "%s"',
    async (limit) => {
      const { status, json } = await send({ url: `/things?limit=${limit}`, headers: asAda });
      expect([status, json.code]).toEqual([400, 'invalid_request']);
    },
  );

  it('pages by opaque cursors, and refuses cursors of others', async () => {
    const first = (await send({ url: '/things?limit=2', headers: asAda })).json;
    expect(first.items).toEqual([1, 2]);
    const next = await send({ url: `/things?limit=2&cursor=${first.nextCursor}`, headers: asAda });
    expect(next.json.items).toEqual([3, 4]);
    for (const cursor of ['x', 'eyJhIjoxfQ', `${first.nextCursor}=`, 'MS41']) {
      const { status } = await send({ url: `/things?cursor=${cursor}`, headers: asAda });
      expect(status).toBe(400);
    }
  });

  it('asks for a token, says when it is bad, and refuses a role', async () => {
    const none = await send({ url: '/things' });
    expect(none.json).toMatchObject({ status: 401, code: 'unauthorized' });
    expect(none.headers['www-authenticate']).toBe('Bearer realm="waybill"');
    const bad = await send({ url: '/things', headers: { authorization: 'Bearer nobody' } });
    expect(bad.headers['www-authenticate']).toContain('error="invalid_token"');
    expect((await send({ url: '/things', headers: { authorization: 'Basic YTpi' } })).status).toBe(
      401,
    );
    expect((await send({ url: '/admin', headers: asAda })).json).toMatchObject({
      status: 403,
      code: 'forbidden',
    });
    expect(
      (await send({ url: '/admin', headers: { authorization: 'bearer operator' } })).status,
    ).toBe(200);
  });

  it('knows the caller of a public route, and does not overlook a bad token there', async () => {
    expect((await send({ url: '/open' })).json.caller).toBeNull();
    expect((await send({ url: '/open', headers: asAda })).json.caller).toContain('ada0');
    expect((await send({ url: '/open', headers: { authorization: 'Bearer x' } })).status).toBe(401);
  });

  it.each(['Basic YTpi', 'Bearer x', 'Bearer ada', 'nonsense', ''])(
    'looks at no Authorization of a tokenless route, such as "%s"',
    async (authorization) => {
      const answer = await send({ method: 'POST', url: '/signed', headers: { authorization } });
      expect([answer.status, answer.json]).toEqual([200, { caller: null }]);
    },
  );

  it.each([
    ['overloaded', 503, 'overloaded'],
    ['unavailable', 503, 'unavailable'],
    ['refused', 503, 'unavailable'],
    ['unnamed', 503, 'unavailable'],
    ['shutdown', 503, 'unavailable'],
    ['driver', 503, 'unavailable'],
    ['domain', 409, 'order_shipped'],
    ['bug', 500, 'internal'],
    ['text', 500, 'internal'],
    ['nothing', 500, 'internal'],
  ])('maps the failure "%s" to %i %s', async (how, status, code) => {
    const { json, headers } = await send({ url: `/fails/${how}` });
    expect(json).toMatchObject({ status, code });
    expect(headers['retry-after'] !== undefined).toBe(status === 503);
    expect(JSON.stringify(json)).not.toContain('secret detail');
    expect(JSON.stringify(json)).not.toContain('.ts');
  });

  it('names the field that a refusal of the domain is about', async () => {
    const { json } = await send({ url: '/fails/field' });
    expect(json.errors).toEqual([{ path: '/price', message: 'it is in USD' }]);
  });

  it('logs a failure of its own with the correlation id that the caller got', async () => {
    const { json } = await send({ url: '/fails/bug' });
    const line = edge.lines.find((each) => each.includes(json.correlationId));
    expect(line).toContain('secret detail of a bug');
    expect(JSON.parse(line ?? '{}').traceId).toBe(json.correlationId.replaceAll('-', ''));
  });

  it('answers bytes that are no request, and endless headers, with a problem', async () => {
    const url = await edge.fastify.listen({ host: '127.0.0.1', port: 0 });
    const nonsense = await speak(url, 'nonsense\r\n\r\n');
    expect(nonsense).toMatch(/^HTTP\/1.1 400 /);
    expect(nonsense).toContain('"code":"malformed_request"');
    const endless = await speak(
      url,
      `GET /open HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`,
    );
    expect(endless).toMatch(/^HTTP\/1.1 431 /);
    expect(endless).toContain('application/problem+json');
  });

  it('answers 503 and closes connections once it stops', async () => {
    const stopping = await edgeApp([EdgeController]);
    stopping.door.refuseRequests();
    const response = await stopping.fastify.inject({ url: '/open' });
    expect(response.statusCode).toBe(503);
    expect(response.headers['connection']).toBe('close');
    await stopping.app.close();
  });
});
