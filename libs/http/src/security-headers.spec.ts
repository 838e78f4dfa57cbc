import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Header, Res } from '@nestjs/common';
import { systemClock } from '@waybill/messaging';
import type { FastifyReply } from 'fastify';
import { Public } from './auth/caller.ts';
import { serveDocs } from './docs/serve-docs.ts';
import { EventStreams } from './event-streams.ts';
import { securityHeaders } from './security-headers.ts';
import { ada, type EdgeApp, edgeApp } from './testing/edge-app.ts';
import { speak } from './testing/speak.ts';

@Public()
@Controller('things')
class ThingsController {
  private readonly streams = new EventStreams(systemClock, { perCaller: 1, total: 1 });

  @Get()
  read() {
    return { ok: true };
  }

  @Get('kept')
  @Header('cache-control', 'private, max-age=60')
  kept() {
    return { ok: true };
  }

  @Get('broken')
  broken() {
    throw new Error('a bug');
  }

  @Get('stream')
  stream(@Res() reply: FastifyReply) {
    this.streams.begin(reply, ada);
    this.streams.close();
  }
}

const names = Object.keys(securityHeaders);

describe('every answer tells browsers and caches to be careful', () => {
  let edge: EdgeApp;
  beforeAll(async () => {
    edge = await edgeApp([ThingsController], {
      beforeInit: (fastify) =>
        serveDocs(fastify, async () => ({ document: {} as never, whole: true })),
    });
  });
  afterAll(() => edge.app.close());

  it.each([
    ['an answer', '/things', 200],
    ['a head', '/things', 200],
    ['a failure', '/things/broken', 500],
    ['an unknown path', '/nowhere', 404],
    ['a malformed path', '/things/%ff', 400],
    ['a path that is too long', `/things/${'x'.repeat(300)}`, 404],
    ['the API document', '/openapi.json', 200],
  ])('%s', async (what, url, status) => {
    const method = what === 'a head' ? 'HEAD' : 'GET';
    const { statusCode, headers } = await edge.fastify.inject({ method, url });
    expect(statusCode).toBe(status);
    expect(headers).toMatchObject(securityHeaders);
  });

  it('a refusal of a token', async () => {
    const headers = { authorization: 'Bearer x' };
    const answer = await edge.fastify.inject({ url: '/things', headers });
    expect([answer.statusCode, answer.headers]).toMatchObject([401, securityHeaders]);
  });

  it('an event stream, with a word of its own for caches', async () => {
    const answer = await edge.fastify.inject('/things/stream');
    expect(answer.headers['content-type']).toContain('text/event-stream');
    expect(answer.headers).toMatchObject({
      ...securityHeaders,
      'cache-control': 'no-store, no-transform',
    });
  });

  it('the viewer, which may load its own files', async () => {
    for (const url of ['/docs', '/docs/start.js', '/docs/swagger-ui.css']) {
      const { headers } = await edge.fastify.inject(url);
      expect(Object.keys(headers)).toEqual(expect.arrayContaining(names));
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
    const page = await edge.fastify.inject('/docs');
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
  });

  it('bytes that are no request', async () => {
    const url = await edge.fastify.listen({ host: '127.0.0.1', port: 0 });
    const answer = await speak(url, 'nonsense\r\n\r\n');
    for (const [name, value] of Object.entries(securityHeaders)) {
      expect(answer).toContain(`${name}: ${value}\r\n`);
    }
  });

  it('unless its route knows better', async () => {
    const { headers } = await edge.fastify.inject('/things/kept');
    expect(headers['cache-control']).toBe('private, max-age=60');
  });
});
