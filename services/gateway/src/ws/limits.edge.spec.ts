import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { HandClock } from '@waybill/messaging/testing';
import type { SocketClient } from '../testing/socket-client.ts';
import { SocketSystem } from '../testing/socket-system.ts';

let clock: HandClock;
let system: SocketSystem;
beforeEach(() => {
  clock = new HandClock();
  system = new SocketSystem();
});
afterEach(() => system.close());

const start = (env: Readonly<Record<string, string>>) => system.start(env, { clock });
const join = (client: SocketClient, room: string, answer: string) =>
  client.exchange({ type: 'join_room', room }, answer);

it('a user has as many connections as WS_CONNECTIONS_PER_USER', async () => {
  await start({ WS_CONNECTIONS_PER_USER: '2' });
  for (let n = 0; n < 2; n += 1) await system.connect();
  const refused = await system.refused({ ticket: await system.ticket() });
  expect([refused.status, refused.code]).toEqual([429, 'too_many_connections']);
});

it('a connection is in as many rooms as WS_ROOMS', async () => {
  await start({ WS_ROOMS: '2' });
  const client = await system.connect();
  await join(client, 'tea', 'room_joined');
  await join(client, 'coffee', 'room_joined');
  expect(await join(client, 'milk', 'error')).toMatchObject({ code: 'too_many_rooms' });
  await join(client, 'tea', 'room_joined');
});

it('a connection sends as many messages in a second as WS_MESSAGES_PER_SECOND', async () => {
  await start({ WS_MESSAGES_PER_SECOND: '3' });
  const client = await system.connect();
  for (let n = 0; n < 4; n += 1) client.send({ type: 'ping' });
  await client.until(({ code }) => code === 'rate_limited');
  const types = client.received.map(({ type }) => type);
  expect(types.filter((type) => type === 'pong')).toHaveLength(3);
});

it('a message has as many bytes as WS_MESSAGE_BYTES', async () => {
  await start({ WS_MESSAGE_BYTES: '1024' });
  const client = await system.connect();
  client.socket.send('x'.repeat(1_024));
  await client.next('error');
  client.socket.send('x'.repeat(1_025));
  expect(await client.closed).toBe(1009);
});

it('a peer that is silent is disconnected after two times WS_HEARTBEAT_MS, and not after one', async () => {
  await start({ WS_HEARTBEAT_MS: '700' });
  const { socket } = await system.connect();
  socket.pause();
  clock.advance(1_399);
  await system.hasConnections(1);
  clock.advance(1);
  await system.hasConnections(0);
});
