import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { localhostCertificate } from '@waybill/grpc/testing';
import { type FailedRequest, RouteTable, securityHeaders } from '@waybill/http';
import { speak } from '@waybill/http/testing';
import { until } from '@waybill/messaging/testing';
import { callerBehind } from './caller-address.ts';
import { Gateway, type GatewayOptions } from './gateway.ts';
import type { Upstream } from './upstreams/upstream.ts';

let gateway: Gateway;
let port: number;
/** The routes that the order service has reported; `tell` notifies the gateway of new ones. */
let told: RouteTable | null;
let tell: () => void;
/** The headers of each request as the owner received them. */
let handedOver: IncomingMessage['headers'][];
/** What was answered with 5xx, as the log gets it. */
let failures: FailedRequest[];
let gatewayWith: (options: Partial<GatewayOptions>) => Gateway;

beforeEach(async () => {
  handedOver = [];
  failures = [];
  const answer = (text: string) => (request: IncomingMessage, response: ServerResponse) => {
    handedOver.push(request.headers);
    response.end(text);
  };
  const own = {
    fastify: { routing: answer('its own') },
    routes: { all: () => [], serves: (path: string) => path === '/own' },
  };
  told = null;
  const order = {
    name: 'order',
    get routes() {
      return told;
    },
    onRoutes: (listener: () => void) => {
      tell = listener;
    },
    dispatch: answer('of order'),
    drain: () => {},
  };
  gatewayWith = (options) =>
    new Gateway({
      own: own as unknown as GatewayOptions['own'],
      upstreams: [order as unknown as Upstream],
      rateLimit: 1_000,
      longestAnswer: 5_000,
      errors: { tell: (_, failed) => failures.push(failed) },
      ...options,
    });
  gateway = gatewayWith({});
  port = Number(new URL(await gateway.listen('127.0.0.1', 0)).port);
});
afterEach(() => gateway.close());

const answerTo = (bytes: string) => speak(`http://127.0.0.1:${port}`, bytes);
const expectSafe = (headers: Headers): void =>
  expect(Object.fromEntries(headers)).toMatchObject(securityHeaders);

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
  [
    'headers without end',
    `GET / HTTP/1.1\r\nhost: x\r\n${'a:\r\n'.repeat(1_500)}host: y\r\n\r\n`,
    431,
    'headers_too_large',
  ],
  ['two hosts', 'GET / HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n', 400, 'malformed_request'],
  ['no host', 'GET / HTTP/1.1\r\n\r\n', 400, 'malformed_request'],
  [
    'two tokens',
    'GET / HTTP/1.1\r\nhost: x\r\nauthorization: Bearer a\r\nauthorization: Bearer b\r\n\r\n',
    400,
    'malformed_request',
  ],
  [
    'two keys',
    'GET / HTTP/1.1\r\nhost: x\r\nidempotency-key: a\r\nidempotency-key: b\r\n\r\n',
    400,
    'malformed_request',
  ],
  [
    'a body that is encoded',
    'POST / HTTP/1.1\r\nhost: x\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n' +
      'connection: close\r\n\r\n{}',
    415,
    'unsupported_media_type',
  ],
])('answers %s as a problem, and closes', async (_, bytes, status, code) => {
  const answer = await answerTo(bytes);
  expect(answer).toContain(`HTTP/1.1 ${status} `);
  expect(answer).toContain('content-type: application/problem+json');
  expect(answer).toContain(`"code":"${code}"`);
  expect(answer).toContain('x-content-type-options: nosniff');
  const [, requestId = 'none'] = /\r\nx-request-id: (\S+)\r\n/.exec(answer) ?? [];
  expect(answer).toContain(`"correlationId":"${requestId}"`);
});

it('asks to come again while a service has not told what it serves, and hands over as soon as it has', async () => {
  const send = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  expect(await (await send('/own')).text()).toBe('its own');
  const early = await send('/api/v1/orders?limit=1');
  expect([early.status, early.headers.get('retry-after')]).toEqual([503, '2']);
  const correlationId = early.headers.get('x-request-id');
  expect(await early.json()).toMatchObject({ code: 'unavailable', status: 503, correlationId });
  expect(failures).toMatchObject([{ route: 'GET /api/v1/orders', correlationId }]);
  expectSafe(early.headers);
  told = new RouteTable();
  told.add('GET', '/api/v1/orders');
  tell();
  expect(await (await send('/api/v1/orders?limit=1')).text()).toBe('of order');
  expect(await (await send('/nowhere')).text()).toBe('its own');
});

it.each(['http://shop.example/api/v1/orders?limit=1', 'HTTPS://[::1]:80/api/v1/orders'])(
  'finds the owner of a whole address, as a proxy sends it: %s',
  async (target) => {
    told = new RouteTable();
    told.add('GET', '/api/v1/orders');
    tell();
    const answer = await answerTo(`GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(answer).toContain('of order');
  },
);

it('keeps idle connections longer than whoever is in front', async () => {
  const answer = await fetch(`http://127.0.0.1:${port}/own`);
  expect(answer.headers.get('keep-alive')).toBe('timeout=75');
  await answer.text();
});

it('serves on when it will stop, and sends each caller elsewhere with the next request', async () => {
  gateway.leave();
  const answer = await fetch(`http://127.0.0.1:${port}/own`);
  expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close']);
  expect(await answer.text()).toBe('its own');
});

it('hands over no header that claims who calls, whoever serves the request', async () => {
  told = new RouteTable();
  told.add('GET', '/api/v1/orders');
  tell();
  const claims = [
    'X-User-Id',
    'x-user-roles',
    'X-Customer-ID',
    'x-forwarded-user',
    'x-waybill-caller',
    'x-waybill-service',
  ];
  const headers = {
    ...Object.fromEntries(claims.map((name) => [name, 'operator'])),
    authorization: 'Bearer ada',
    'x-client': 'web',
  };
  for (const path of ['/own', '/api/v1/orders']) {
    await fetch(`http://127.0.0.1:${port}${path}`, { headers });
  }
  expect(handedOver).toHaveLength(2);
  for (const each of handedOver) {
    expect(each).toMatchObject({ authorization: 'Bearer ada', 'x-client': 'web' });
    for (const name of claims) expect(each).not.toHaveProperty(name.toLowerCase());
  }
});

describe('behind a proxy', () => {
  const head = 'GET /own HTTP/1.1\r\nhost: x\r\nconnection: close\r\n';

  /** Lets two requests of each caller in, however much time passes between them. */
  function twiceEach(): GatewayOptions['counts'] {
    const counted = new Map<string, number>();
    const within = async (key: string) => {
      const count = (counted.get(key) ?? 0) + 1;
      counted.set(key, count);
      return count <= 2;
    };
    return { within, close: async () => undefined };
  }

  /** The statuses of requests with these headers, in order of their size. */
  async function admitted(headers: readonly string[], start = head): Promise<readonly number[]> {
    await gateway.close();
    gateway = gatewayWith({
      counts: twiceEach(),
      callerAddress: callerBehind(['loopback']),
      sockets: {
        open: async (_, socket) => {
          socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
        },
      },
    });
    port = Number(new URL(await gateway.listen('127.0.0.1', 0)).port);
    const answers = await Promise.all(headers.map((each) => answerTo(`${start}${each}\r\n`)));
    return answers.map((answer) => Number(answer.split(' ', 2)[1])).sort();
  }

  it('counts each caller apart', async () => {
    const [ada, ben] = ['X-Forwarded-For: 203.0.113.7\r\n', 'X-Forwarded-For: 203.0.113.8\r\n'];
    expect(await admitted([ada, ada, ada, ben, ben])).toEqual([200, 200, 200, 200, 429]);
  });

  it('counts a caller as one who changes all that is not of the proxy', async () => {
    const forged = [1, 2, 3].map((n) => `X-Forwarded-For: 8.8.8.${n}, 203.0.113.7\r\n`);
    expect(await admitted(forged)).toEqual([200, 200, 429]);
  });

  it('counts who opens WebSockets by the same address', async () => {
    const upgrade = 'GET /ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n';
    const [ada, ben] = [
      'X-Forwarded-For: 8.8.8.8, 203.0.113.7\r\n',
      'X-Forwarded-For: 203.0.113.8\r\n',
    ];
    expect(await admitted([ada, ada, ada, ben], upgrade)).toEqual([101, 101, 101, 429]);
  });

  it('reads several headers as one, as they come', async () => {
    const forged = [1, 2, 3].map(
      (n) => `X-Forwarded-For: 8.8.8.${n}\r\nx-forwarded-for: 203.0.113.7\r\n`,
    );
    expect(await admitted(forged)).toEqual([200, 200, 429]);
  });

  it('reads what the proxy adds also after more headers than Node keeps', async () => {
    const forged = [1, 2, 3].map(
      (n) =>
        `X-Forwarded-For: 8.8.8.${n}\r\n${'a:\r\n'.repeat(2_500)}X-Forwarded-For: 203.0.113.7\r\n`,
    );
    expect(await admitted(forged)).toEqual([429, 431, 431]);
  });

  it('tells nobody behind it where a caller is', async () => {
    await admitted([
      'X-Forwarded-For: 203.0.113.7\r\nForwarded: for=203.0.113.7\r\nX-Real-IP: 203.0.113.7\r\n',
    ]);
    expect(JSON.stringify(handedOver)).not.toContain('203.0.113.7');
  });
});

it('serves by TLS where it has a certificate', async () => {
  const own = { fastify: {}, routes: { all: () => [], serves: () => false } };
  const secured = new Gateway({
    own: own as unknown as GatewayOptions['own'],
    upstreams: [],
    rateLimit: 1_000,
    longestAnswer: 1_000,
    certificate: localhostCertificate,
  });
  const url = await secured.listen('127.0.0.1', 0);
  const socket = connect({ port: Number(new URL(url).port), ca: localhostCertificate.cert });
  await new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve).once('error', reject);
  });
  expect([new URL(url).protocol, socket.authorized]).toEqual(['https:', true]);
  socket.destroy();
  await secured.close();
});

it('gives the answers that it owes by TLS too, longer than it waits for what is half here', async () => {
  const owed: ServerResponse[] = [];
  const own = {
    fastify: { routing: (_: IncomingMessage, response: ServerResponse) => owed.push(response) },
    routes: { all: () => [], serves: () => true },
  };
  const secured = new Gateway({
    own: own as unknown as GatewayOptions['own'],
    upstreams: [],
    rateLimit: 1_000,
    longestAnswer: 10_000,
    certificate: localhostCertificate,
  });
  const { port: at } = new URL(await secured.listen('127.0.0.1', 0));
  const say = (bytes: string) => {
    const socket = connect({ port: Number(at), ca: localhostCertificate.cert });
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString();
    });
    socket.on('error', () => undefined).on('secureConnect', () => socket.write(bytes));
    return new Promise<string>((resolve) => socket.once('close', () => resolve(received)));
  };
  const whole = say('GET /own HTTP/1.1\r\nhost: x\r\n\r\n');
  await until(() => owed.length === 1);
  const half = say('POST /own HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{');
  await until(() => owed.length === 2);
  const closed = secured.close();
  expect(await half).toMatch(/^HTTP\/1\.1 503 /);
  owed[0]?.end('done');
  expect(await whole).toMatch(/^HTTP\/1\.1 200 OK\r\n.*done$/s);
  await closed;
});
