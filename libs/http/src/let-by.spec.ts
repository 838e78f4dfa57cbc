import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Body, Controller, Post } from '@nestjs/common';
import { Public } from './auth/caller.ts';
import { type EdgeApp, edgeApp } from './testing/edge-app.ts';

@Public()
@Controller('echo')
class EchoController {
  @Post()
  echo(@Body() body: unknown) {
    return { body };
  }
}

const piece = Buffer.alloc(100_000, 'x');
let edge: EdgeApp;
let url: URL;
beforeAll(async () => {
  edge = await edgeApp([EchoController]);
  url = new URL(await edge.fastify.listen({ host: '127.0.0.1', port: 0 }));
});
afterAll(() => edge.app.close());

/** The response to a body of twenty pieces, each of which is sent before the next one is written. */
async function answerTo(length: string, framed: (bytes: Buffer) => Buffer): Promise<string> {
  const socket = connect({ host: url.hostname, port: Number(url.port) });
  const answer = text(socket);
  socket.write(
    `POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\n${length}\r\n\r\n`,
  );
  for (let sent = 0; sent < 20; sent += 1) {
    await new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.write(framed(piece), () => setImmediate(resolve));
    });
  }
  return answer;
}

it('tells a caller who goes on sending why a body is refused, be its length told or not', async () => {
  const chunk = (bytes: Buffer) =>
    Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
  const told = await answerTo('content-length: 2000000', (bytes) => bytes);
  const untold = await answerTo('transfer-encoding: chunked', chunk);

  expect(told).toContain('"code":"body_too_large"');
  expect(untold).toContain('"code":"body_too_large"');
});
