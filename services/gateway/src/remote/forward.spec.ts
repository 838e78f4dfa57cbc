import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Draining, type ProblemBody } from '@waybill/http';
import { until } from '@waybill/messaging/testing';
import { type Destination, forward } from './forward.ts';
import { Replicas } from './replicas.ts';

jest.setTimeout(30_000);

type Serve = (request: IncomingMessage, response: ServerResponse) => void;

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const listening = (server: Server): Promise<string> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${portOf(server)}`));
  });

async function service(serve: Serve): Promise<string> {
  const server = createServer(serve);
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return listening(server);
}

/** A URL on which nothing listens. */
async function nobody(): Promise<string> {
  const server = createTcpServer();
  const url = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return url;
}

/** The correlation ids of what was answered with 5xx, as the log gets them. */
const failed: unknown[] = [];
const errors: Destination['errors'] = {
  tell: (_, { correlationId }) => failed.push(correlationId),
};

/** A gateway that forwards everything to one service. */
async function gatewayTo(
  urls: readonly string[],
  answerMs = 5_000,
  draining = new Draining(),
  bodyLimit = 400_000,
): Promise<string> {
  const replicas = new Replicas(urls, { answerMs, connectMs: 500 });
  closing.push(() => replicas.close());
  return service(
    (request, response) =>
      void forward(
        { service: 'payment', replicas, bodyLimit, draining, errors },
        request,
        response,
      ),
  );
}

const echo: Serve = (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { method, url, headers } = request;
    const body = Buffer.concat(chunks);
    response.end(JSON.stringify({ method, url, headers, bytes: body.length, body: `${body}` }));
  });
};

describe('a request that is passed on', () => {
  it('keeps method, path, query, headers and body, without what speaks of one connection', async () => {
    const url = await gatewayTo([await service(echo)]);
    const answer = await new Promise<string>((resolve, reject) => {
      const sent = request(
        `${url}/api/v1/x?a=%20b&c`,
        {
          method: 'PUT',
          headers: {
            'content-type': 'application/json',
            connection: 'keep-alive, x-hop',
            'x-hop': 'mine',
            te: 'trailers',
            'idempotency-key': 'k1',
            host: 'shop.example',
          },
        },
        (response) => {
          let text = '';
          response.on('data', (chunk) => {
            text += chunk;
          });
          response.on('end', () => resolve(text));
        },
      );
      sent.on('error', reject);
      sent.end('{"a":1}');
    });
    const seen = JSON.parse(answer) as { headers: Record<string, string> };
    expect(seen).toMatchObject({ method: 'PUT', url: '/api/v1/x?a=%20b&c', body: '{"a":1}' });
    expect(seen.headers).toMatchObject({ 'idempotency-key': 'k1', host: 'shop.example' });
    expect(seen.headers).not.toHaveProperty('x-hop');
    expect(seen.headers).not.toHaveProperty('te');
  });

  it('takes a large body, and one whose length nobody knows', async () => {
    const url = await gatewayTo([await service(echo)]);
    const large = 'x'.repeat(300_000);
    const known = await fetch(url, { method: 'POST', body: large });
    expect(await known.json()).toMatchObject({ bytes: 300_000 });
    const parts = new ReadableStream({
      start(controller) {
        for (const part of ['one', 'two']) controller.enqueue(new TextEncoder().encode(part));
        controller.close();
      },
    });
    const init = { method: 'POST', body: parts, duplex: 'half' } as RequestInit;
    expect(await (await fetch(url, init)).json()).toMatchObject({ body: 'onetwo' });
  });

  it('is streamed where the route takes more than a mebibyte: its first bytes arrive before its last are sent', async () => {
    let arrived = (): void => {};
    const first = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const counting: Serve = (request, response) => {
      request.once('data', arrived);
      echo(request, response);
    };
    const url = await gatewayTo([await service(counting)], 5_000, new Draining(), 5_000_000);
    const sent = request(url, { method: 'PUT', headers: { 'content-length': 3_000_000 } });
    const answered = once(sent, 'response');
    sent.write(Buffer.alloc(1_000_000, 'a'));
    await first;
    sent.end(Buffer.alloc(2_000_000, 'b'));
    const [response] = (await answered) as [IncomingMessage];
    expect(JSON.parse(await text(response))).toMatchObject({ method: 'PUT', bytes: 3_000_000 });
  });

  it('gets an answer although the service is away and the body is a stream', async () => {
    const gateway = await gatewayTo([await nobody()], 5_000, new Draining(), 5_000_000);
    const answer = await fetch(gateway, { method: 'PUT', body: Buffer.alloc(3_000_000) });
    expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'unavailable' }]);
  });

  it('never gets to the service when its body is larger than the route takes, told or untold', async () => {
    const stopping = new AbortController();
    closing.push(() => stopping.abort());
    let asked = 0;
    const url = await gatewayTo([
      await service((_, response) => {
        asked += 1;
        response.end();
      }),
    ]);
    const told = await fetch(url, { method: 'POST', body: Buffer.alloc(2_000_000) });
    expect([told.status, await told.json()]).toMatchObject([413, { code: 'body_too_large' }]);
    const parts = new ReadableStream({
      // In turns, so that the client has time to notice that it is cut off.
      pull: async (controller) => {
        await new Promise((resolve) => setImmediate(resolve));
        controller.enqueue(Buffer.alloc(100_000));
      },
    });
    const { signal } = stopping;
    const init = { method: 'POST', body: parts, duplex: 'half', signal } as RequestInit;
    const status = await fetch(url, init).then(
      (answer) => answer.status,
      () => 'cut off',
    );
    expect([413, 'cut off']).toContain(status);
    expect(asked).toBe(0);
  });
});

it('says why to a caller that goes on sending a body that is too large', async () => {
  const url = new URL(await gatewayTo([await service((_, response) => response.end())]));
  const socket = connect({ host: url.hostname, port: Number(url.port) });
  const answer = text(socket);
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2000000\r\n\r\n');

  for (let piece = 0; piece < 20; piece += 1) {
    await new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.write(Buffer.alloc(100_000), () => setImmediate(resolve));
    });
  }

  expect(await answer).toContain('"code":"body_too_large"');
});

describe('an answer that is passed back', () => {
  it('keeps status, message, headers and bytes', async () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i % 256));
    const url = await gatewayTo([
      await service((_, response) => {
        response.writeHead(203, 'Odd', {
          'content-type': 'application/pdf',
          'Set-Cookie': ['a=1', 'b=2'],
          'x-request-id': 'r1',
          'keep-alive': 'timeout=99',
        });
        response.end(bytes);
      }),
    ]);
    const answer = await fetch(url);
    expect([answer.status, answer.statusText]).toEqual([203, 'Odd']);
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(answer.headers.get('x-request-id')).toBe('r1');
    expect(answer.headers.get('keep-alive')).not.toBe('timeout=99');
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([203, '']);
  });

  it('streams events one by one, and ends the stream of the service when the caller leaves', async () => {
    let tell: (text: string) => void = () => {};
    let left = (): void => {};
    const ended = new Promise<void>((resolve) => {
      left = resolve;
    });
    const url = await gatewayTo([
      await service((_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.flushHeaders();
        tell = (text) => response.write(text);
        response.on('close', left);
      }),
    ]);
    const leaving = new AbortController();
    const answer = await fetch(url, {
      headers: { accept: 'text/event-stream' },
      signal: leaving.signal,
    });
    const reader = answer.body?.getReader();
    for (const text of ['data: 1\n\n', 'data: 2\n\n']) {
      tell(text);
      const { value } = (await reader?.read()) ?? {};
      expect(Buffer.from(value ?? []).toString()).toBe(text);
    }
    leaving.abort();
    await ended;
  });

  it('waits for a caller who reads slowly', async () => {
    let sent = 0;
    const url = await gatewayTo([
      await service((_, response) => {
        const more = (): void => {
          while (sent < 50_000_000) {
            sent += 100_000;
            if (!response.write(Buffer.alloc(100_000))) {
              response.once('drain', more);
              return;
            }
          }
          response.end();
        };
        more();
      }),
    ]);
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    closing.push(() => void socket.destroy());
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    let got = await new Promise<number>((resolve) => {
      socket.once('data', (chunk) => resolve(chunk.length));
    });
    socket.pause();
    /** The bytes sent once nothing has moved for many turns of the event loop, which drives all transfers. */
    const stalled = async (): Promise<number> => {
      for (let before = -1; before !== sent; ) {
        before = sent;
        for (let turn = 0; turn < 2_000; turn += 1) {
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
      return sent;
    };
    expect(await stalled()).toBeLessThan(50_000_000);
    const all = new Promise<void>((resolve) => {
      socket.on('data', (chunk) => {
        got += chunk.length;
        if (got >= 50_000_000) resolve();
      });
    });
    socket.resume();
    await all;
  });

  it('breaks off where the service does, so that nobody takes a part for the whole', async () => {
    const url = await gatewayTo([
      await service((_, response) => {
        response.write('half');
        setImmediate(() => response.destroy());
      }),
    ]);
    await expect(fetch(url).then((answer) => answer.text())).rejects.toThrow();
  });
});

describe('a service that does not answer', () => {
  const problem = async (answer: Response): Promise<readonly unknown[]> => {
    const { code, status, correlationId } = (await answer.json()) as ProblemBody;
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.headers.get('x-request-id')).toBe(correlationId);
    expect(failed.includes(correlationId)).toBe(status >= 500);
    expect(status).toBe(answer.status);
    return [answer.status, code, answer.headers.get('retry-after')];
  };

  it('is away: 503, come again', async () => {
    const url = await gatewayTo([await nobody()]);
    const answer = await fetch(url, { method: 'POST', body: 'x' });
    expect(await problem(answer)).toEqual([503, 'unavailable', '2']);
  });

  it('takes too long: 504', async () => {
    const url = await gatewayTo([await service(() => {})], 300);
    expect(await problem(await fetch(url))).toEqual([504, 'no_answer_in_time', '2']);
  });

  it('takes as long as the caller has asked it to wait', async () => {
    const url = await gatewayTo(
      [await service((_, response) => void setTimeout(() => response.end('late'), 2_500))],
      300,
    );
    expect(await (await fetch(`${url}/x?wait=30s`)).text()).toBe('late');
  });

  it('waits no longer for one that hangs than the caller has asked', async () => {
    const url = await gatewayTo([await service(() => {})], 300);
    const asked = ['?wait=1s', '?x=1&wait=200ms', '?wait=soon', '?wait=1s&wait=%zz'];
    const answers = await Promise.all(asked.map((query) => fetch(`${url}/x${query}`)));
    expect(answers.map(({ status }) => status)).toEqual([504, 504, 504, 504]);
  });

  it('closes the connection without a word: 503, and is not asked again', async () => {
    let asked = 0;
    const hangUp: Serve = (request) => {
      asked += 1;
      request.socket.destroy();
    };
    const url = await gatewayTo([await service(hangUp), await service(hangUp)]);
    const answer = await fetch(url, { method: 'POST', body: 'x' });
    expect(await problem(answer)).toEqual([503, 'unavailable', '2']);
    expect(asked).toBe(1);
  });

  it('closes its side of the connection only, in the middle of its headers', async () => {
    const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-le'));
    });
    closing.push(() => void server.close());
    const url = await gatewayTo([await listening(server)]);
    expect(await problem(await fetch(url))).toEqual([503, 'unavailable', '2']);
  });
});

it('lets go of an idle connection, however long the service would keep it', async () => {
  const closed: Promise<unknown>[] = [];
  const server = createServer({ keepAliveTimeout: 72_000 }, (_, response) => response.end('done'));
  server.on('connection', (socket) => closed.push(once(socket, 'close')));
  closing.push(() => void server.close().closeAllConnections());
  const url = await gatewayTo([await listening(server)]);
  expect(await (await fetch(url)).text()).toBe('done');
  await Promise.all(closed);
  expect(closed).toHaveLength(1);
});

describe('several replicas', () => {
  const named = (name: string) => service((_, response) => void response.end(name));

  it('take turns', async () => {
    const url = await gatewayTo([await named('a'), await named('b')]);
    const answers: string[] = [];
    for (let i = 0; i < 4; i += 1) answers.push(await (await fetch(url)).text());
    expect(answers.sort()).toEqual(['a', 'a', 'b', 'b']);
  });

  it('stand in for one that is gone, also for what changes something', async () => {
    const url = await gatewayTo([await nobody(), await service(echo)]);
    for (const bytes of [10, 200_000]) {
      for (let i = 0; i < 3; i += 1) {
        const answer = await fetch(url, { method: 'POST', body: 'x'.repeat(bytes) });
        expect([answer.status, await answer.json()]).toMatchObject([200, { bytes }]);
      }
    }
  });

  it('are asked first where another one hangs', async () => {
    const url = await gatewayTo([await service(() => {}), await named('b')], 300);
    const first = await Promise.all([fetch(url), fetch(url)]);
    expect(first.map(({ status }) => status).sort()).toEqual([200, 504]);
    for (let i = 0; i < 4; i += 1) expect(await (await fetch(url)).text()).toBe('b');
  });
});

describe('a gateway that stops', () => {
  /** A service that holds a request with `wait`, and responds at once to a request without it. */
  async function patient() {
    const asked: string[] = [];
    const draining = new Draining();
    const url = await gatewayTo(
      [
        await service((request, response) => {
          asked.push(request.url ?? '');
          if (!request.url?.includes('wait=')) response.end('pending');
        }),
      ],
      5_000,
      draining,
    );
    return { url, asked, draining };
  }

  it('answers soon what waits, with what there is', async () => {
    const { url, asked, draining } = await patient();
    const queries = ['?wait=30s', '?a=%20b&wait=30s&c', '?wait=30s&a'];
    const waiting = queries.map((query) => fetch(`${url}/x${query}`));
    await until(() => asked.length === 3);
    draining.begin();
    const answers = await Promise.all(waiting);
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(
      Array(3).fill('pending'),
    );
    expect(asked.slice(3).sort()).toEqual(['/x', '/x?a', '/x?a=%20b&c']);
    expect(await (await fetch(`${url}/late?wait=30s`)).text()).toBe('pending');
    expect(asked.at(-1)).toBe('/late');
  });

  it('takes the answer of a service that stops at the same time', async () => {
    const draining = new Draining();
    const waiting: ServerResponse[] = [];
    const url = await gatewayTo(
      [await service((_, response) => waiting.push(response))],
      5_000,
      draining,
    );
    const sent = fetch(`${url}/x?wait=30s`);
    await until(() => waiting.length === 1);
    draining.begin();
    waiting[0]?.end('pending');
    expect(await (await sent).text()).toBe('pending');
    expect(waiting).toHaveLength(1);
  });

  it('asks nothing twice that may change something', async () => {
    const { url, asked, draining } = await patient();
    const leaving = new AbortController();
    const sent = fetch(`${url}/x?wait=30s`, { method: 'POST', signal: leaving.signal });
    await until(() => asked.length === 1);
    draining.begin();
    await fetch(`${url}/another`);
    expect(asked).toEqual(['/x?wait=30s', '/another']);
    leaving.abort();
    await expect(sent).rejects.toThrow();
  });

  it('ends event streams in order, also one that begins only then', async () => {
    const draining = new Draining();
    let left = 0;
    const url = await gatewayTo(
      [
        await service((_, response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
          response.write('data: 1\n\n');
          response.on('close', () => {
            left += 1;
          });
        }),
      ],
      5_000,
      draining,
    );
    const open = await fetch(url, { headers: { accept: 'text/event-stream' } });
    draining.begin();
    expect(await open.text()).toBe('data: 1\n\n');
    const late = await fetch(url, { headers: { accept: 'text/event-stream' } });
    expect([late.status, await late.text()]).toEqual([200, '']);
    await until(() => left === 2);
  });
});
