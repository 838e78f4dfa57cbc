import { request } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Handshake, SocketClient } from '../testing/socket-client.ts';
import { SocketSystem } from '../testing/socket-system.ts';

const system = new SocketSystem();
beforeAll(() => system.start());
afterEach(() => system.disconnect());
afterAll(() => system.close());

const bytesOf = (client: SocketClient): Socket =>
  (client.socket as unknown as { readonly _socket: Socket })._socket;

describe('a message', () => {
  it('may come in fragments', async () => {
    const ada = await system.connect();
    ada.socket.send('{"type":', { fin: false });
    ada.socket.send('"ping"', { fin: false });
    ada.socket.send('}', { fin: true });
    await ada.next('pong');
  });

  it.each([
    ['no JSON', '{"type":', 'malformed_json', undefined],
    ['nothing', '', 'invalid_request', undefined],
    ['no object', '["ping"]', 'invalid_request', undefined],
    ['no type', '{}', 'unknown_type', { path: '/type', message: 'is missing' }],
    ['an unknown type', '{"type":"dance"}', 'unknown_type', { path: '/type' }],
    ['a type of every object', '{"type":"toString"}', 'unknown_type', { path: '/type' }],
    ['a type of the server', '{"type":"pong"}', 'unknown_type', { path: '/type' }],
    [
      'a key of a prototype',
      '{"type":"ping","__proto__":{}}',
      'invalid_request',
      { path: '/__proto__' },
    ],
    [
      'no room',
      '{"type":"join_room"}',
      'invalid_request',
      { path: '/room', message: 'is missing' },
    ],
    [
      'a room that is none',
      '{"type":"join_room","room":" "}',
      'invalid_request',
      { path: '/room' },
    ],
    [
      'a room of an order that is none',
      '{"type":"join_room","room":"order:x"}',
      'not_found',
      undefined,
    ],
    [
      'an unknown field',
      '{"type":"ping","x":1}',
      'invalid_request',
      { path: '/x', message: 'is not a known property' },
    ],
    [
      'text that is too long',
      `{"type":"chat_message","room":"a","message":"${'x'.repeat(2_001)}"}`,
      'invalid_request',
      { path: '/message', message: 'has at most 2000 characters' },
    ],
    [
      'a version outside of an order',
      '{"type":"join_room","room":"a","lastEventId":1}',
      'invalid_request',
      { path: '/lastEventId' },
    ],
  ])('is refused with %s, and the connection goes on', async (_, text, code, field) => {
    const ada = await system.connect();
    ada.socket.send(text);
    const error = await ada.next('error');
    expect(error).toMatchObject({ code, message: expect.any(String) });
    if (field) expect(error['errors']).toMatchObject([field]);
    expect(await ada.isSilent()).toBe(true);
  });

  it.each<[string, number, (client: SocketClient) => void]>([
    ['is binary', 1003, ({ socket }) => socket.send(Buffer.from('{"type":"ping"}'))],
    ['is no UTF-8', 1007, ({ socket }) => socket.send(Buffer.from([0xff]), { binary: false })],
    ['is too large', 1009, ({ socket }) => socket.send('x'.repeat(16_385))],
    ['is not masked', 1002, ({ socket }) => socket.send('{}', { mask: false })],
    [
      'is too large in fragments',
      1009,
      ({ socket }) => {
        for (let n = 0; n < 3; n += 1) socket.send('x'.repeat(8_000), { fin: false });
      },
    ],
    [
      'has a reserved bit',
      1002,
      (client) => bytesOf(client).write(Buffer.from([0xc1, 0x80, 0, 0, 0, 0])),
    ],
    [
      'closes with a code that is none',
      1002,
      (client) => bytesOf(client).write(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 3, 0xee])),
    ],
  ])('that %s closes the connection with %i', async (_, code, send) => {
    const ada = await system.connect();
    send(ada);
    expect(await ada.closed).toBe(code);
  });

  it('of a client that closes is answered with its code', async () => {
    const ada = await system.connect();
    ada.socket.close(4_000, 'bye');
    expect(await ada.closed).toBe(4_000);
  });
});

describe('a connection', () => {
  const refusal = async (handshake: Handshake): Promise<unknown> => {
    const refused = await system.refused(handshake);
    return [refused.status, refused.code];
  };

  it.each<[string, Handshake, number, string]>([
    ['another origin', { origin: 'https://evil.example' }, 403, 'wrong_origin'],
    ['no origin', { origin: null }, 403, 'wrong_origin'],
    ['an origin without a name', { origin: 'null' }, 403, 'wrong_origin'],
    ['an origin that is none', { origin: 'x' }, 403, 'wrong_origin'],
    ['no subprotocol', { protocol: null }, 400, 'wrong_subprotocol'],
    ['another subprotocol', { protocol: 'waybill.v2' }, 400, 'wrong_subprotocol'],
    ['no ticket', { ticket: '' }, 401, 'invalid_ticket'],
    ['a ticket that nobody issued', { ticket: 'x'.repeat(43) }, 401, 'invalid_ticket'],
  ])('is refused with %s', async (_, wrong, status, code) => {
    const ticket = await system.ticket();
    expect(await refusal({ ticket, ...wrong })).toEqual([status, code]);
    expect(await refusal({ ticket, ...wrong })).toEqual([status, code]);
  });

  it('is opened once with a ticket', async () => {
    const ticket = await system.ticket();
    await (await system.open({ ticket })).next('connection_established');
    expect(await refusal({ ticket })).toEqual([401, 'invalid_ticket']);
  });

  it('is one of five at most of a user, and there is room again when one ends', async () => {
    const mine = await Promise.all(Array.from({ length: 5 }, () => system.connect('one-user')));
    const next = async () => refusal({ ticket: await system.ticket('one-user') });
    expect(await next()).toEqual([429, 'too_many_connections']);
    await system.connect('another-user');
    mine[0]?.end();
    await system.hasConnections(5);
    await system.connect('one-user');
  });

  it('is told of when it is asked for without an upgrade', async () => {
    const answer = await fetch(`${system.url}/ws`);
    expect([answer.status, answer.headers.get('upgrade')]).toEqual([426, 'websocket']);
  });
});

it('an upgrade to anything else is ignored, as HTTP allows, with the body of its request', async () => {
  const answered = (path: string, method: string, body: string) =>
    new Promise<number>((resolve, reject) => {
      const headers = {
        connection: 'Upgrade, HTTP2-Settings',
        upgrade: 'h2c',
        'http2-settings': 'AAMAAABk',
        authorization: 'Bearer ada',
        'content-type': 'application/json',
        'content-length': body.length,
      };
      request(`${system.url}${path}`, { method, headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      })
        .on('error', reject)
        .end(body);
    });
  expect(await answered('/health/live', 'GET', '')).toBe(200);
  expect(await answered('/api/v1/ws/tickets', 'POST', '{"x":1}')).toBe(400);
});
