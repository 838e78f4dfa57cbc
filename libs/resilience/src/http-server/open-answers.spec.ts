import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { OpenAnswers } from './open-answers.ts';
import { requestLimits } from './request-limits.ts';

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serve(listener: RequestListener, limits = {}) {
  const server = createServer({ keepAliveTimeout: 60_000, ...limits }, listener);
  servers.push(server);
  const answers = new OpenAnswers(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const refuse = (response: ServerResponse) => void response.writeHead(503).end('stopping');
  const close = (within: number) => answers.close({ within, refuse });
  return { server, close, leave: () => answers.leave() };
}

/** A connection with the data it received. */
async function talk(server: Server, bytes = '') {
  const accepted = once(server, 'connection');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  sockets.push(socket);
  await accepted;
  let received = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    received += text;
  });
  const ended = new Promise<'in order' | 'reset'>((resolve) => {
    socket.once('end', () => resolve('in order'));
    socket.once('error', () => resolve('reset'));
  });
  const say = (more: string) => new Promise<void>((resolve) => socket.write(more, () => resolve()));
  if (bytes) await say(bytes);
  return { say, received: () => received, ended };
}

const get = 'GET / HTTP/1.1\r\nhost: here\r\n\r\n';
const halfPost = 'POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 10\r\n\r\n12345';
const aMinute = 60_000;
const until = async (fact: () => boolean): Promise<void> => {
  const deadline = performance.now() + 10_000;
  while (!fact()) {
    if (performance.now() > deadline) throw new Error(`not so within ten seconds: ${fact}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
};

describe('a server that will stop', () => {
  it('answers whatever comes, each time as the last of its connection', async () => {
    const { server, leave } = await serve((_, response) => response.end('done'));
    const early = await talk(server, get);
    await until(() => early.received().includes('done'));
    leave();
    await early.say(get);
    const late = await talk(server, get);
    for (const { received, ended } of [early, late]) {
      expect(await ended).toBe('in order');
      expect(received()).toMatch(/connection: close\r\n.*done$/is);
    }
  });

  it('says so in an answer that it owes already', async () => {
    const owed: ServerResponse[] = [];
    const { server, leave } = await serve((_, response) => owed.push(response));
    const { received, ended } = await talk(server, get);
    await until(() => owed.length === 1);
    leave();
    owed[0]?.end('done');
    expect(await ended).toBe('in order');
    expect(received()).toMatch(/connection: close\r\n.*done$/is);
  });
});

describe('a server that stops', () => {
  it('gives the answers that it owes, and ends each connection with the last', async () => {
    const owed: ServerResponse[] = [];
    const { server, close } = await serve((_, response) => owed.push(response));
    const callers = await Promise.all([talk(server, get), talk(server, get)]);
    await until(() => owed.length === 2);
    const closed = close(aMinute);
    for (const response of owed) response.end('done');
    await closed;
    for (const { received, ended } of callers) {
      expect(await ended).toBe('in order');
      expect(received()).toMatch(/^HTTP\/1\.1 200 OK\r\n.*connection: close\r\n.*done/is);
    }
  });

  it('ends soon what waits for nothing: idle connections, and those on which nothing came', async () => {
    const { server, close } = await serve((_, response) => response.end('done'));
    const idle = await talk(server, get);
    await until(() => idle.received().includes('done'));
    const silent = await talk(server);
    await close(aMinute);
    expect(await Promise.all([idle.ended, silent.ended])).toEqual(['in order', 'in order']);
  });

  it('ends a connection whose answer had begun before, when it is whole', async () => {
    const owed: ServerResponse[] = [];
    const { server, close } = await serve((_, response) => {
      response.write('begun');
      owed.push(response);
    });
    const { received, ended } = await talk(server, get);
    await until(() => received().includes('begun'));
    const closed = close(aMinute);
    owed[0]?.end('done');
    await closed;
    expect(await ended).toBe('in order');
    expect(received()).toMatch(/begun.*done.*\r\n0\r\n\r\n$/s);
  });

  it('answers a request whose rest arrives while it stops', async () => {
    const { server, close } = await serve((_, response) => response.end('done'));
    const { say, received, ended } = await talk(server, get.slice(0, 20));
    const closed = close(aMinute);
    await say(get.slice(20));
    await closed;
    expect(await ended).toBe('in order');
    expect(received()).toMatch(/connection: close\r\n.*done$/is);
  });

  it('answers everybody who had connected, accepted or not', async () => {
    const { server, close } = await serve((_, response) => response.end('done'));
    const { port } = server.address() as AddressInfo;
    const callers = Array.from({ length: 50 }, () => connect(port, '127.0.0.1'));
    sockets.push(...callers);
    await Promise.all(callers.map((socket) => once(socket, 'connect')));
    const answers = callers.map(async (socket) => {
      socket.write(get);
      let received = '';
      for await (const bytes of socket) received += bytes;
      return received;
    });
    await close(aMinute);
    for (const received of await Promise.all(answers)) expect(received).toContain('200 OK');
  });

  it('refuses what has no answer in time, such as a body that is half there', async () => {
    let bodies = 0;
    const { server, close } = await serve((request) => {
      bodies += 1;
      request.resume();
    });
    const { received, ended } = await talk(server, halfPost);
    await until(() => bodies === 1);
    await close(20);
    expect(await ended).toBe('in order');
    expect(received()).toMatch(/^HTTP\/1\.1 503 .*connection: close\r\n.*stopping/is);
  });

  it('waits longer for its own answers than for requests that are half there', async () => {
    const owed: ServerResponse[] = [];
    const { server, close } = await serve((request, response) => {
      owed.push(response);
      request.resume();
    });
    const whole = await talk(server, get);
    await until(() => owed.length === 1);
    const body = await talk(server, halfPost);
    const head = await talk(server, get.slice(0, 20));
    await until(() => owed.length === 2);
    const closed = close(aMinute);
    await Promise.all([body.ended, head.ended]);
    expect([body.received().slice(0, 12), head.received(), whole.received()]).toEqual([
      'HTTP/1.1 503',
      '',
      '',
    ]);
    owed[0]?.end('done');
    await Promise.all([closed, whole.ended]);
    expect(whole.received()).toContain('done');
  });

  it('ends in time what never becomes a request, and an answer that never ends', async () => {
    const { server, close } = await serve((_, response) => response.write('begun'));
    const half = await talk(server, get.slice(0, 20));
    const endless = await talk(server, get);
    await until(() => endless.received().includes('begun'));
    await close(20);
    await Promise.all([half.ended, endless.ended]);
    expect(half.received()).toBe('');
  });

  it('stops although it never listened, and once however often it is told', async () => {
    const answers = new OpenAnswers(createServer());
    const options = { within: aMinute, refuse: () => {} };
    expect(answers.close(options)).toBe(answers.close(options));
    await answers.close(options);
  });
});

describe('a request that arrives too slowly', () => {
  const limits = requestLimits(200, 400);

  it('loses its connection soon after the time for its head', async () => {
    const { server } = await serve((_, response) => response.end(), limits);
    const { received, ended } = await talk(server, get.slice(0, 20));
    await ended;
    expect(received()).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('loses it too when its body trickles', async () => {
    const { server } = await serve((request) => request.resume(), limits);
    const { say, received, ended } = await talk(server, halfPost);
    const trickle = setInterval(() => void say('6'), 150);
    await ended;
    clearInterval(trickle);
    expect(received()).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('has ten seconds for its head and thirty in all, and is looked for twice a second', () => {
    expect(requestLimits()).toEqual({
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 500,
    });
  });
});
