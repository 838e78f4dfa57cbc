import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Controller, Get, Header, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Public } from './auth/caller.ts';
import { type EdgeApp, edgeApp } from './testing/edge-app.ts';

const many = { items: Array.from({ length: 500 }, (_, place) => ({ place })) };
const text = JSON.stringify(many);

@Public()
@Controller('things')
class ThingsController {
  @Get('many')
  many() {
    return many;
  }

  @Get('few')
  few() {
    return { items: [] };
  }

  @Get('named')
  @Header('etag', '"1"')
  named() {
    return many;
  }

  @Get('picture')
  @Header('content-type', 'image/svg+xml')
  picture(@Res() reply: FastifyReply) {
    void reply.send(Buffer.from(text));
  }
}

let edge: EdgeApp;
beforeAll(async () => {
  edge = await edgeApp([ThingsController]);
});
afterAll(() => edge.app.close());

const read = (what: string, accepted?: string) =>
  edge.fastify.inject({
    url: `/things/${what}`,
    headers: accepted === undefined ? {} : { 'accept-encoding': accepted },
  });

it.each(['gzip', 'br, gzip;q=0.5', 'GZIP', 'deflate,gzip ; q=1.0'])(
  'a client that accepts %s gets a large answer compressed',
  async (accepted) => {
    const { headers, rawPayload } = await read('many', accepted);
    expect([headers['content-encoding'], headers['vary']]).toEqual(['gzip', 'accept-encoding']);
    expect(headers['content-length']).toBe(String(rawPayload.length));
    expect(gunzipSync(rawPayload).toString()).toBe(text);
    expect(rawPayload.length).toBeLessThan(text.length / 3);
  },
);

it.each([undefined, '', 'identity', 'br', '*', 'gzip;q=0', 'gzip; q=0.000', 'gzip;q=x', 'xgzip'])(
  'a client that accepts %s gets it as it is',
  async (accepted) => {
    const { headers, body } = await read('many', accepted);
    expect([headers['content-encoding'], headers['vary']]).toEqual([undefined, 'accept-encoding']);
    expect([headers['content-length'], body]).toEqual([String(text.length), text]);
  },
);

it.each(['few', 'named', 'picture'])('%s is never compressed', async (what) => {
  const { statusCode, headers } = await read(what, 'gzip');
  expect([statusCode, headers['content-encoding'], headers['vary']]).toEqual([
    200,
    undefined,
    undefined,
  ]);
});
