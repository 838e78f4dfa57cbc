import { EventEmitter } from 'node:events';
import { beforeEach, expect, it } from '@jest/globals';
import { HandClock } from '@waybill/messaging/testing';
import { Metrics } from '@waybill/observability';
import { WebSocket } from 'ws';
import { gatewayConfig } from '../gateway.config.ts';
import { Connection } from './connection.ts';
import { SocketMetrics } from './socket-metrics.ts';

/** A socket whose reader takes what it is told to. */
class SlowSocket extends EventEmitter {
  readyState: number = WebSocket.OPEN;
  readonly texts: string[] = [];
  private readonly unread: { readonly text: string; readonly done: () => void }[] = [];

  get bufferedAmount(): number {
    return this.unread.reduce((sum, { text }) => sum + text.length, 0);
  }

  send(text: string, done: () => void): void {
    this.unread.push({ text, done });
  }

  read(): void {
    for (const { text, done } of this.unread.splice(0)) {
      this.texts.push(text);
      done();
    }
  }

  terminate(): void {
    this.readyState = WebSocket.CLOSED;
    this.emit('close');
  }
}

let socket: SlowSocket;
let connection: Connection;
beforeEach(() => {
  socket = new SlowSocket();
  const limits = gatewayConfig.parse({ WS_BUFFER_BYTES: '1024' }).sockets;
  const session = {
    caller: { id: 'ada', roles: ['customer'] as const, auditName: 'ada' },
    authorization: '',
  };
  connection = new Connection(
    socket as unknown as WebSocket,
    session,
    limits,
    new HandClock(),
    new SocketMetrics(new Metrics('gateway')),
  );
});

const pong = { type: 'pong', at: 'x'.repeat(600) } as const;
const typesRead = () => socket.texts.map((text) => (JSON.parse(text) as { type: string }).type);

it('drops what a slow reader has no room for, and tells it how much once it reads', () => {
  for (let n = 0; n < 5; n += 1) connection.send(pong);
  expect(socket.bufferedAmount).toBeLessThan(2_000);
  socket.read();
  socket.read();
  expect(typesRead()).toEqual(['pong', 'pong', 'error']);
  expect(socket.texts.at(-1)).toContain('3 messages were dropped');
});

it('lets those wait who must not drop anything', async () => {
  connection.send(pong);
  connection.send(pong);
  const waiting = connection.whenRoom();
  socket.read();
  expect(await waiting).toBe(true);
});

it('lets nobody wait for a reader that is gone', async () => {
  connection.send(pong);
  connection.send(pong);
  const waiting = connection.whenRoom();
  socket.terminate();
  expect([await waiting, await connection.whenRoom()]).toEqual([false, false]);
});
