import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Post } from '@nestjs/common';
import { Public } from './auth/caller.ts';
import { type EdgeApp, edgeApp } from './testing/edge-app.ts';
import { speak } from './testing/speak.ts';

@Public()
@Controller('echo')
class EchoController {
  @Get()
  read() {
    return { ok: true };
  }

  @Post()
  echo(@Body() body: unknown) {
    return { body };
  }
}

const json = '{"a":1}';
const jsonType = 'content-type: application/json';

describe('the head of a request', () => {
  let edge: EdgeApp;
  let url: string;
  beforeAll(async () => {
    edge = await edgeApp([EchoController]);
    url = await edge.fastify.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(() => edge.app.close());

  const send = (...headers: readonly string[]): Promise<string> => {
    const head = ['POST /echo HTTP/1.1', ...headers, 'connection: close'].join('\r\n');
    return speak(url, `${head}\r\n\r\n${json}`);
  };
  const whole = ['host: a', jsonType, `content-length: ${json.length}`];

  it('is taken as usual clients send it', async () => {
    const encodings = ['content-encoding: identity', 'content-encoding: Identity, identity'];
    const types = ['application/json; charset=UTF-8', 'application/json;charset="utf-8"'];
    expect(await send(...whole)).toMatch(/^HTTP\/1.1 201 /);
    for (const each of encodings) expect(await send(...whole, each)).toMatch(/^HTTP\/1.1 201 /);
    for (const type of types) {
      const answer = await send('host: [::1]:80', `content-type: ${type}`, 'content-length: 7');
      expect(answer).toMatch(/^HTTP\/1.1 201 /);
    }
    expect(await send(...whole, 'accept: a/b', 'accept: c/d')).toMatch(/^HTTP\/1.1 201 /);
    expect(await send(...whole, 'expect: wonders')).toMatch(/^HTTP\/1.1 201 /);
  });

  it.each([
    ['Host', 'host: a', 'host: b'],
    ['the same Host', 'host: a', 'Host: a'],
    ['Authorization', 'authorization: Bearer a', 'Authorization: Basic b'],
    ['Content-Type', jsonType, 'Content-Type: text/plain'],
    ['Content-Length', 'content-length: 7', 'content-length: 8'],
    ['the same Content-Length', 'content-length: 7', 'content-length: 7'],
    ['Idempotency-Key', 'idempotency-key: a', 'idempotency-key: b'],
    ['Last-Event-ID', 'last-event-id: 1', 'last-event-id: 2'],
    ['webhook-id', 'webhook-id: 1', 'webhook-id: 2'],
    ['webhook-signature', 'webhook-signature: v1,a', 'webhook-signature: v1,b'],
  ])('is refused with %s twice', async (_, ...doubled) => {
    const names = doubled.map((each) => each.split(':')[0]?.toLowerCase());
    const rest = whole.filter((each) => !names.includes(each.split(':')[0]));
    const answer = await send(...rest, ...doubled);
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('"code":"malformed_request"');
  });

  it.each([
    ['no Host', [jsonType, 'content-length: 7']],
    ['a Host that is none', ['host: a/b', jsonType, 'content-length: 7']],
    ['both lengths', [...whole, 'transfer-encoding: chunked']],
    ['another transfer coding', ['host: a', jsonType, 'transfer-encoding: gzip, chunked']],
    ['a transfer coding alone', ['host: a', jsonType, 'transfer-encoding: identity']],
    [
      'two transfer codings',
      ['host: a', jsonType, 'transfer-encoding: chunked', 'transfer-encoding: chunked'],
    ],
    ['a length that is none', ['host: a', jsonType, 'content-length: +7']],
  ])('is refused with %s', async (_, headers) => {
    const answer = await send(...headers);
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('"code":"malformed_request"');
  });

  it('has at most 200 headers: beyond a thousand Node hides the rest, such as a second Host', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => `x-${i}: 1`);
    // Including `connection`, which `ask` adds.
    const [fits, more] = [many(200 - whole.length - 1), many(200 - whole.length)];
    expect(await send(...whole, ...fits)).toMatch(/^HTTP\/1.1 201 /);
    for (const headers of [more, [...many(1_100), 'host: b'], many(1_990)]) {
      const answer = await send(...whole, ...headers);
      expect(answer).toMatch(/^HTTP\/1.1 431 /);
      expect(answer).toContain('"code":"headers_too_large"');
    }
  });

  it('of HTTP/1.0 needs no Host, and has no transfer coding', async () => {
    expect(await speak(url, 'GET /echo HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1.1 200 /);
    const chunked = `POST /echo HTTP/1.0\r\n${jsonType}\r\ntransfer-encoding: chunked\r\n\r\n`;
    expect(await speak(url, `${chunked}7\r\n${json}\r\n0\r\n\r\n`)).toMatch(/^HTTP\/1.1 400 /);
  });

  it.each([
    ['gzip', gzipSync(json)],
    ['gzip', Buffer.from(json)],
    ['br', Buffer.from(json)],
    ['identity, gzip', Buffer.from(json)],
    ['x', Buffer.from(json)],
  ])('may not name the content coding %s', async (coding, payload) => {
    const headers = { 'content-type': 'application/json', 'content-encoding': coding };
    const answer = await edge.fastify.inject({ method: 'POST', url: '/echo', payload, headers });
    expect(answer.statusCode).toBe(415);
    expect(answer.json().code).toBe('unsupported_media_type');
    expect(answer.headers['accept-encoding']).toBe('identity');
  });

  it('may name no charset but UTF-8', async () => {
    const headers = { 'content-type': 'application/json; charset=utf-16' };
    const request = { method: 'POST', url: '/echo', payload: json, headers } as const;
    expect((await edge.fastify.inject(request)).statusCode).toBe(415);
  });

  it('may say what it likes of a body that is not there', async () => {
    const headers = { 'content-encoding': 'gzip', 'content-type': 'text/plain; charset=latin1' };
    expect((await edge.fastify.inject({ url: '/echo', headers })).statusCode).toBe(200);
  });
});
