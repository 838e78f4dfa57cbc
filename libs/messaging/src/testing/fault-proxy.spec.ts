import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FaultProxy } from './fault-proxy.ts';
import { until } from './until.ts';

/** Answers every received chunk with the same bytes. */
async function echo(): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => socket.write(bytes));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('a fault proxy', () => {
  let server: Server;
  let proxy: FaultProxy;
  const clients: Socket[] = [];

  beforeEach(async () => {
    server = await echo();
    proxy = await FaultProxy.open({ port: (server.address() as AddressInfo).port });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await proxy.close();
    await new Promise((resolve) => server.close(resolve));
  });

  const client = (): Socket => {
    const socket = connect({ port: proxy.port, host: '127.0.0.1' });
    clients.push(socket);
    return socket;
  };
  const say = async (socket: Socket, text: string): Promise<string> => {
    socket.write(text);
    const [bytes] = await once(socket, 'data');
    return String(bytes);
  };

  it('hands on what both sides say', async () => {
    expect(await say(client(), 'hello')).toBe('hello');
    expect(proxy.connections).toBe(1);
  });

  it('makes the line slow, and keeps the order when it is quick again', async () => {
    const socket = client();
    await say(socket, 'first');
    proxy.set({ latency: 60 });
    const started = performance.now();
    const before = proxy.bytes;
    socket.write('slow,');
    await until(() => proxy.bytes > before);
    proxy.set({});
    socket.write('quick');
    let received = '';
    while (received.length < 10) received += String((await once(socket, 'data'))[0]);
    expect(received).toBe('slow,quick');
    expect(performance.now() - started).toBeGreaterThanOrEqual(55);
  });

  it('resets what is open and takes new connections', async () => {
    const socket = client();
    await say(socket, 'hello');
    const failed = once(socket, 'error');
    proxy.cut();
    expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
    expect(await say(client(), 'again')).toBe('again');
    expect(proxy.tries).toBe(2);
  });

  it('loses the answers alone, until it is healed', async () => {
    const socket = client();
    const accepted = once(server, 'connection');
    await say(socket, 'hello');
    const [remote] = (await accepted) as [Socket];
    proxy.set({ silent: 'down' });
    const got = once(remote, 'data');
    socket.write('unheard');
    expect(String((await got)[0])).toBe('unheard');
    await until(() => proxy.lost >= 'unheard'.length);
    proxy.set({});
    expect(await say(socket, 'back')).toBe('back');
  });

  it('refuses new connections', async () => {
    proxy.set({ refuse: true });
    const [error] = await once(client(), 'error');
    expect(error).toMatchObject({ code: 'ECONNRESET' });
    proxy.set({});
    expect(await say(client(), 'hello')).toBe('hello');
  });
});
