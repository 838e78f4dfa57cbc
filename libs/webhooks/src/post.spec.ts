import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type PostOptions, post } from './post.ts';

const servers: { close(): unknown }[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
});

async function endpoint(answer: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, server };
}

const send = (url: string, options: Partial<PostOptions> = {}) =>
  post(
    { url, headers: { 'content-type': 'application/json' }, body: '{"a":"ä"}' },
    { loopback: true, ...options },
  );

const outcome = (url: string, options?: Partial<PostOptions>) =>
  send(url, options).catch((error: { code: string }) => error.code);

describe('post', () => {
  it('sends the bytes of the body, and tells the status of the answer and not its body', async () => {
    const got: string[] = [];
    const { url } = await endpoint(async (request, response) => {
      for await (const chunk of request) got.push(String(chunk));
      response.writeHead(429, { 'retry-after': '7' }).end('secret');
    });
    expect(await send(url)).toEqual({ status: 429, retryAfter: '7', bytes: 6 });
    expect(got).toEqual(['{"a":"ä"}']);
  });

  it('follows no redirect', async () => {
    let calls = 0;
    const { url } = await endpoint((_, response) => {
      calls += 1;
      response.writeHead(307, { location: url }).end();
    });
    expect(await send(url)).toMatchObject({ status: 307 });
    expect(calls).toBe(1);
  });

  it('reads no more of an answer than it may, however long that is', async () => {
    const { url } = await endpoint((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384)));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    expect(await send(url, { largest: 50_000 })).toMatchObject({ status: 200, bytes: 50_000 });
  });

  it('ends when an endpoint says nothing, or never ends', async () => {
    const silent = await endpoint(() => undefined);
    expect(await outcome(silent.url, { timeout: 50 })).toBe('timed_out');
    const slow = await endpoint((_, response) => void response.write('.'));
    expect(await outcome(slow.url, { timeout: 50 })).toBe('timed_out');
  });

  it('ends when its sender stops', async () => {
    const stop = new AbortController();
    const { url } = await endpoint(() => stop.abort());
    expect(await outcome(url, { signal: stop.signal })).toBe('stopped');
  });

  it('tells of what is no HTTP, and of what does not answer', async () => {
    const server = createTcpServer((socket) =>
      socket.resume().end('220 mail.example.com ESMTP\r\n'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    expect(await outcome(url)).toBe('answer_invalid');
    await new Promise((resolve) => server.close(resolve));
    expect(await outcome(url)).toBe('unreachable');
  });

  it('never connects to a name that has an address that is not public', async () => {
    let connections = 0;
    const { url, server } = await endpoint(() => undefined);
    server.on('connection', () => {
      connections += 1;
    });
    const { port } = new URL(url);
    for (const address of ['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1', '::ffff:127.0.0.1']) {
      for (const found of [[address], ['1.1.1.1', address]]) {
        const resolve = async () =>
          found.map((each) => ({ address: each, family: each.includes(':') ? 6 : 4 }));
        const options = { loopback: false, resolve };
        expect(await outcome('https://hooks.example.com/', options)).toBe('address_refused');
      }
    }
    expect(await outcome(`http://127.0.0.1:${port}/`, { loopback: false })).toBe('address_refused');
    expect(connections).toBe(0);
  });

  it('connects to the address that it has checked, whatever the name has a moment later', async () => {
    const { url } = await endpoint((_, response) => response.end());
    const answers = [['127.0.0.1'], ['10.0.0.1']];
    const looks: string[] = [];
    const resolve = async (host: string) => {
      looks.push(host);
      return (answers.shift() ?? []).map((address) => ({ address, family: 4 }));
    };
    const named = url.replace('127.0.0.1', 'localhost');
    expect(await outcome(named, { resolve })).toMatchObject({ status: 200 });
    expect(looks).toEqual(['localhost']);
    expect(await outcome(named, { resolve })).toBe('address_refused');
  });

  it('does not know a host without addresses', async () => {
    // Where name servers do not answer, it takes longer.
    const known = ['host_unknown', 'timed_out'];
    expect(known).toContain(await outcome('https://hooks.example/'));
  });
});
