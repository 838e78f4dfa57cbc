import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { Public } from './auth/caller.ts';
import { Problem } from './problem.ts';
import { type StreamedBody, StreamsBody } from './streamed-body.ts';
import { type EdgeApp, edgeApp } from './testing/edge-app.ts';
import { speak } from './testing/speak.ts';

@Public()
@Controller()
class FilesController {
  @Post('files')
  @HttpCode(200)
  @StreamsBody('text/csv', 1_000_000)
  async take(@Body() body: StreamedBody) {
    let bytes = 0;
    for await (const piece of body) bytes += piece.length;
    return { bytes };
  }

  @Post('first-bytes')
  @StreamsBody('text/csv', 1_000_000)
  async refuse(@Body() body: StreamedBody) {
    for await (const piece of body) throw new Problem(422, 'bad_file', `${piece.length} bytes`);
  }
}

let edge: EdgeApp;
let url: string;
beforeAll(async () => {
  edge = await edgeApp([FilesController]);
  url = await edge.fastify.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => edge.app.close());

const post = (path: string, body: string, type = 'text/csv') =>
  fetch(`${url}${path}`, { method: 'POST', body, headers: { 'content-type': type } });
const chunks = (count: number): string => `${'2710\r\n'}${'x'.repeat(10_000)}\r\n`.repeat(count);
const chunked = (path: string, count: number): Promise<string> =>
  speak(
    url,
    `POST ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: text/csv\r\ntransfer-encoding: chunked\r\n\r\n${chunks(count)}0\r\n\r\n`,
  );

it('passes a body on as it arrives, of known and of unknown length', async () => {
  const answer = await post('/files', 'x'.repeat(900_000), 'Text/CSV; charset=utf-8');
  expect(await answer.json()).toEqual({ bytes: 900_000 });
  expect(await chunked('/files', 3)).toContain('{"bytes":30000}');
});

it('refuses more than the limit, told or untold', async () => {
  expect((await post('/files', 'x'.repeat(1_000_001))).status).toBe(413);
  expect(await chunked('/files', 101)).toContain('"code":"body_too_large"');
});

it('answers a sender whose body is refused before all of it is read', async () => {
  const answer = await post('/first-bytes', 'x'.repeat(900_000));
  const { code } = (await answer.json()) as { code: string };
  expect([answer.status, code]).toEqual([422, 'bad_file']);
  expect(await chunked('/first-bytes', 90)).toContain('"code":"bad_file"');
});

it('accepts no other media type', async () => {
  for (const type of ['application/json', 'text/csvx', 'image/png']) {
    expect([type, (await post('/files', '{', type)).status]).toEqual([type, 415]);
  }
});
