import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { serveWebPages } from './web-pages.ts';

const script = 'export const answer = 42;\n';
const folder = `${mkdtempSync(join(tmpdir(), 'waybill-pages-'))}/`;
let server: FastifyInstance;

beforeAll(() => {
  mkdirSync(join(folder, 'assets'));
  mkdirSync(join(folder, 'live'));
  writeFileSync(join(folder, 'live', 'index.html'), '<title>Live</title>');
  writeFileSync(join(folder, 'assets', 'index-1a2b.js'), script);
  writeFileSync(join(folder, 'assets', 'index-1a2b.js.br'), brotliCompressSync(script));
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  const pages = { '/live': 'live/index.html', '/rooms/:name': 'live/index.html' };
  writeFileSync(join(folder, 'pages.json'), JSON.stringify(pages));
  server = fastify();
  serveWebPages(server, folder);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

it('a page may load files of its own origin only, and is asked for again each time', async () => {
  const { statusCode, headers, body } = await server.inject('/live');
  expect([statusCode, body]).toEqual([200, '<title>Live</title>']);
  expect(headers['content-type']).toMatch(/^text\/html/);
  expect(headers['cache-control']).toBe('no-cache');
  expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
});

it('one page may serve many paths', async () => {
  const { body } = await server.inject('/rooms/lobby');
  expect(body).toBe('<title>Live</title>');
});

it('a file whose name contains its hash may be kept for a year', async () => {
  const { headers, body } = await server.inject('/assets/index-1a2b.js');
  expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect(body).toBe(script);
});

it('a client that accepts Brotli gets the file that was compressed by the build', async () => {
  const { headers, rawPayload } = await server.inject({
    url: '/assets/index-1a2b.js',
    headers: { 'accept-encoding': 'gzip, br' },
  });
  expect(headers['content-encoding']).toBe('br');
  expect(headers['content-type']).toMatch(/^(text|application)\/javascript/);
  expect(brotliDecompressSync(rawPayload).toString()).toBe(script);
});

it.each(['/assets/', '/assets/../secret.txt', '/assets/%2e%2e/secret.txt', '/assets/unknown.js'])(
  '%s is no file',
  async (url) => {
    const { statusCode } = await server.inject(url);
    expect(statusCode).toBe(404);
  },
);
