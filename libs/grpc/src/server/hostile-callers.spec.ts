import { randomBytes } from 'node:crypto';
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GetAvailabilityResponse } from '@waybill/contracts/grpc';
import { ShelfServer } from '../testing/shelf-server.ts';

interface Told {
  readonly http: number;
  readonly status: number | null;
  readonly text: string;
}

let server: ShelfServer;
let session: ClientHttp2Session;
beforeAll(async () => {
  server = await ShelfServer.start();
  session = connectHttp2(`http://${server.address}`);
});
afterAll(async () => {
  session.destroy();
  await server.close();
});

const method = '/waybill.inventory.v1.Catalogue/GetAvailability';
const right = {
  ':method': 'POST',
  'content-type': 'application/grpc',
  te: 'trailers',
  authorization: 'Bearer friend',
  'grpc-timeout': '2S',
};

/** The server's status for bytes that no gRPC client would send. */
function send(body: Buffer, headers: OutgoingHttpHeaders = {}, path = method): Promise<Told> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ...right, ':path': path, ...headers });
    const told = { http: 0, status: null as number | null, text: '' };
    const read = (headers: Record<string, unknown>): void => {
      if (':status' in headers) told.http = Number(headers[':status']);
      if ('grpc-status' in headers) told.status = Number(headers['grpc-status']);
      if ('grpc-message' in headers) told.text = String(headers['grpc-message']);
    };
    stream.on('response', read);
    stream.on('trailers', read);
    stream.on('close', () => resolve(told));
    stream.on('error', (error) => (stream.closed ? resolve(told) : reject(error)));
    stream.resume();
    stream.end(body);
  });
}

function framed(message: Buffer, { flag = 0, length = message.length } = {}): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flag, 0);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
}

/** A request for one SKU, given as bytes. */
const calling = (sku: Buffer): Buffer => Buffer.concat([Buffer.from([0x0a, sku.length]), sku]);
const mug = calling(Buffer.from('MUG'));
const group = (depth: number): Buffer =>
  Buffer.concat([Buffer.alloc(depth, 0x1b), Buffer.alloc(depth, 0x1c)]);
const bomb = gzipSync(Buffer.alloc(50_000_000));

const stillServes = async (): Promise<void> => {
  const { products } = await server
    .caller()
    .call<GetAvailabilityResponse>('GetAvailability', { skus: ['MUG'] }, { deadline: 5_000 });
  expect(products).toHaveLength(1);
};

describe('a caller that sends what no client would', () => {
  afterAll(stillServes);

  it.each<[string, Buffer, OutgoingHttpHeaders, number]>([
    [
      'a field that nobody knows',
      framed(Buffer.concat([mug, Buffer.from('f201026869', 'hex')])),
      {},
      0,
    ],
    ['no deadline', framed(mug), { 'grpc-timeout': undefined }, 3],
    ['no token', framed(mug), { authorization: undefined }, 16],
    ['no message', Buffer.alloc(0), {}, 12],
    ['two messages', Buffer.concat([framed(mug), framed(mug)]), {}, 12],
    ['bytes that are no message', framed(Buffer.from('0aff', 'hex')), {}, 13],
    ['nested groups without end', framed(group(20_000)), {}, 13],
    ['a length of 4 GB', framed(mug, { length: 0xffffffff }), {}, 8],
    ['a compression that nobody knows', framed(mug, { flag: 1 }), { 'grpc-encoding': 'zip' }, 12],
    ['a false gzip', framed(mug, { flag: 1 }), { 'grpc-encoding': 'gzip' }, 13],
    ['a gzip bomb', framed(bomb.subarray(0, 60_000), { flag: 1 }), { 'grpc-encoding': 'gzip' }, 8],
    ['half a surrogate pair', framed(calling(Buffer.from('eda080', 'hex'))), {}, 5],
  ])('is told so: %s', async (_, body, headers, status) => {
    const defined = Object.entries({ ...right, ...headers }).filter(
      ([, value]) => value !== undefined,
    );
    const told = await sendExactly(body, Object.fromEntries(defined));
    expect(told.status).toBe(status);
    expect(told.text).not.toMatch(/ at |node_modules|\.js/);
  });

  it.each([
    ['a method that is not there', `${method}s`, {}],
    ['a path of another service', '/nothing', {}],
    ['a path that is no text', '/%00%ff', {}],
  ])('is told so: %s', async (_, path, headers) => {
    expect((await send(framed(mug), headers, path)).status).toBe(12);
  });

  it('gets an HTTP answer for a content type that is not gRPC', async () => {
    const told = await send(framed(mug), { 'content-type': 'application/json' });
    expect(told.http).toBe(415);
  });

  it.each(['x', '-1S', '99999999999S', '1', 'NaNS', ''])(
    'cannot disturb with the deadline "%s"',
    async (timeout) => {
      const told = await send(framed(mug), { 'grpc-timeout': timeout });
      expect([0, 3, 4, 13]).toContain(told.status);
    },
  );

  it('cannot disturb with random bytes, as message or as connection', async () => {
    const told = await Promise.all(
      Array.from({ length: 300 }, (_, n) => send(framed(randomBytes(1 + (n % 60))))),
    );
    // The text is no valid SKU, the message cannot be decoded, or it has only unknown fields.
    for (const { status } of told) expect([0, 5, 13]).toContain(status);
    await Promise.all(Array.from({ length: 30 }, (_, n) => sayRaw(randomBytes(10 + n * 40))));
    await sayRaw(Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n'));
    await sayRaw(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff', 'latin1'));
  });

  it('cannot disturb by going in the middle of calls', async () => {
    const own = connectHttp2(`http://${server.address}`);
    own.on('error', () => {});
    for (let n = 0; n < 200; n += 1) {
      const stream = own.request({ ...right, ':path': method });
      stream.on('error', () => {});
      if (n % 2) stream.end(framed(mug));
      else stream.write(framed(mug).subarray(0, 4));
      if (n % 3) stream.close(8);
    }
    await new Promise((resolve) => own.ping(resolve as () => void));
    own.destroy();
    await stillServes();
  });
});

/** Like `send`, with only these headers. */
function sendExactly(body: Buffer, headers: OutgoingHttpHeaders): Promise<Told> {
  const cleared = Object.fromEntries(Object.keys(right).map((name) => [name, headers[name]]));
  return send(body, { ...cleared, ...headers });
}

/** Sends bytes on a new connection, and waits until the server closes it or responds. */
function sayRaw(bytes: Buffer): Promise<void> {
  const [host, port] = server.address.split(':');
  return new Promise((resolve) => {
    const socket = connect(Number(port), host);
    const done = (): void => {
      socket.destroy();
      resolve();
    };
    socket.on('data', done);
    socket.on('close', done);
    socket.on('error', done);
    socket.write(bytes);
    socket.end();
  });
}
