import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import fc from 'fast-check';
import { z } from 'zod';
import { Public } from './auth/caller.ts';
import { paging } from './page.ts';
import { type EdgeApp, edgeApp } from './testing/edge-app.ts';

const line = z.strictObject({ sku: z.string().max(40), quantity: z.int().min(1).max(999) });
const order = z.strictObject({
  lines: z.array(line).min(1).max(100),
  note: z.string().max(500).nullish(),
  more: z.record(z.string(), z.unknown()).optional(),
});
const list = z.strictObject({ ...paging, since_id: z.coerce.number().int().min(0).optional() });

@Public()
@Controller('orders')
class FuzzedController {
  @Post()
  place(@Body({ schema: order }) body: z.output<typeof order>) {
    return { lines: body.lines.length, text: JSON.stringify(body).length };
  }

  @Get()
  list(@Query({ schema: list }) query: z.output<typeof list>) {
    return query;
  }

  @Get(':id')
  read(@Param('id', { schema: z.uuid() }) id: string) {
    return { id };
  }
}

const runs = 300;
const oneOf = (choices: readonly string[]) => fc.constantFrom(...choices);
const nastyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  oneOf(['__proto__', 'constructor', '\u0000', '\ud800', '1e999', '-0', 'NaN', '[', '{{', '%00']),
);
const nastyJson = fc.oneof(
  fc.jsonValue({ maxDepth: 6 }),
  fc.record(
    {
      lines: fc.array(
        fc.record({ sku: nastyText, quantity: fc.oneof(fc.double(), fc.integer(), nastyText) }),
      ),
      note: fc.oneof(nastyText, fc.constant(null)),
      more: fc.dictionary(nastyText, fc.jsonValue()),
    },
    { requiredKeys: [] },
  ),
);
const bodies = fc.oneof(
  nastyJson.map((value) => Buffer.from(JSON.stringify(value) ?? '')),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  // Valid JSON with a few corrupted bytes.
  fc
    .tuple(nastyJson, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }))
    .map(([value, changes]) => {
      const bytes = Buffer.from(JSON.stringify(value) ?? 'null');
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      return bytes;
    }),
);

describe('the HTTP edge under fuzz', () => {
  let edge: EdgeApp;
  beforeAll(async () => {
    edge = await edgeApp([FuzzedController]);
  });
  afterAll(() => edge.app.close());

  const accepts = (response: { statusCode: number; headers: object; body: string }): void => {
    expect(response.statusCode).toBeLessThan(500);
    if (response.statusCode < 400) return;
    const type = (response.headers as Record<string, string>)['content-type'];
    expect(type).toContain('application/problem+json');
    expect(JSON.parse(response.body)).toMatchObject({ status: response.statusCode });
    expect(response.body).not.toMatch(/\bat .*\.(ts|js):\d/);
  };

  it('answers every body with success or a problem, never with a failure of its own', async () => {
    const type = oneOf(['application/json', 'application/json; charset=utf-8', 'text/plain', 'x']);
    await fc.assert(
      fc.asyncProperty(bodies, type, async (payload, contentType) => {
        const headers = { 'content-type': contentType };
        accepts(await edge.fastify.inject({ method: 'POST', url: '/orders', payload, headers }));
      }),
      { numRuns: runs },
    );
  });

  it('answers every target and query alike', async () => {
    const escaped = fc
      .array(
        fc.oneof(
          fc.nat(255).map((n) => `%${n.toString(16).padStart(2, '0')}`),
          oneOf(['a', '/', '?', '=', '&', '%', '%u0000', '..', ';']),
        ),
        { maxLength: 20 },
      )
      .map((parts) => parts.join(''));
    const target = fc.oneof(
      escaped.map((text) => `/orders/${text}`),
      escaped.map((text) => `/orders?cursor=${text}`),
      nastyText.map((text) => `/orders?limit=${encodeURIComponent(text.toWellFormed())}`),
      fc.double().map((n) => `/orders?since_id=${n}`),
    );
    const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD');
    await fc.assert(
      fc.asyncProperty(target, method, async (url, verb) => {
        const response = await edge.fastify.inject({ method: verb, url });
        if (verb === 'HEAD') expect(response.statusCode).toBeLessThan(500);
        else accepts(response);
      }),
      { numRuns: runs },
    );
  });

  it('answers every header alike', async () => {
    const value = fc.string({ maxLength: 60 }).map((text) => text.replaceAll(/[^\x20-\x7e]/g, ' '));
    const headers = fc.record(
      {
        authorization: fc.oneof(
          value,
          value.map((text) => `Bearer ${text}`),
        ),
        traceparent: value,
        'content-type': value,
        'x-request-id': value,
        accept: value,
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(headers, async (sent) => {
        const payload = '{"lines":[{"sku":"A","quantity":1}]}';
        accepts(
          await edge.fastify.inject({ method: 'POST', url: '/orders', payload, headers: sent }),
        );
      }),
      { numRuns: runs },
    );
  });
});
