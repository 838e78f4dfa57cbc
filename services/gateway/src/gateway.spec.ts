import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Gateway, type GatewayOptions } from './gateway.ts';

let gateway: Gateway;
let port: number;

beforeEach(async () => {
  const own = {
    fastify: { routing: () => undefined },
    routes: { all: () => [], methodsAt: () => [] },
  };
  gateway = new Gateway({
    own: own as unknown as GatewayOptions['own'],
    upstreams: [],
    rateLimit: 1_000,
  });
  port = Number(new URL(await gateway.listen('127.0.0.1', 0)).port);
});
afterEach(() => gateway.close());

const answerTo = (bytes: string) =>
  new Promise<string>((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (data) => {
      answer += data;
    });
    socket.on('close', () => resolve(answer));
  });

it.each<[string, string, number, string]>([
  ['no HTTP', 'hello\r\n\r\n', 400, 'malformed_request'],
  [
    'a header with a control character',
    'GET / HTTP/1.1\r\nhost: x\r\nkey: a\u0001b\r\n\r\n',
    400,
    'malformed_request',
  ],
  [
    'headers of 20 KB',
    `GET / HTTP/1.1\r\nhost: x\r\nkey: ${'x'.repeat(20_000)}\r\n\r\n`,
    431,
    'headers_too_large',
  ],
])('answers %s as a problem, and closes', async (_, bytes, status, code) => {
  const answer = await answerTo(bytes);
  expect(answer).toContain(`HTTP/1.1 ${status} `);
  expect(answer).toContain('content-type: application/problem+json');
  expect(answer).toContain(`"code":"${code}"`);
});
