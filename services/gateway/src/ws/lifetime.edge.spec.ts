import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { TokenVerifier } from '@waybill/http';
import { ada } from '@waybill/http/testing';
import { HandClock, until } from '@waybill/messaging/testing';
import type { SocketClient } from '../testing/socket-client.ts';
import { SocketSystem } from '../testing/socket-system.ts';

let clock: HandClock;
let system: SocketSystem;
beforeEach(async () => {
  clock = new HandClock();
  system = new SocketSystem();
  const tokens: TokenVerifier = {
    verify: () => ({ ...ada, expiresAt: clock.now().getTime() + 600_000 }),
  };
  await system.start(
    { WS_CONNECTIONS: '1', WS_ORIGINS: 'https://shop.example' },
    { clock, tokens },
  );
});
afterEach(() => system.close());

const origin = 'https://shop.example';
const connect = async () => {
  const client = await system.open({ ticket: await system.ticket(), origin });
  return { client, hello: await client.next('connection_established') };
};

it('a connection ends with the token of its ticket', async () => {
  const { client, hello } = await connect();
  expect(hello).toMatchObject({ heartbeat: 30, expiresAt: '2026-01-01T00:10:00.000Z' });
  for (let n = 0; n < 20; n += 1) {
    clock.advance(29_999);
    await client.pinged();
  }
  clock.advance(600_000);
  expect(await client.closed).toBe(4401);
});

it('a connection ends when its user becomes inactive, who opens no other', async () => {
  const { client } = await connect();
  const ticket = await system.ticket();
  system.activity.changes.push({ customerId: ada.id, active: false });
  clock.advance(250);
  expect(await client.closed).toBe(4403);
  expect(await system.refused({ ticket, origin })).toMatchObject({ code: 'customer_inactive' });
});

it('a peer that does not answer a ping is disconnected by the next', async () => {
  const { client } = await connect();
  client.socket.pause();
  clock.advance(60_000);
  await system.hasConnections(0);
});

it('what comes beyond the messages of a second is refused, which is told, and there is room again in the next', async () => {
  const { client } = await connect();
  for (let n = 0; n < 30; n += 1) client.send({ type: 'ping' });
  await client.until(({ code }) => code === 'rate_limited');
  await client.pinged();
  clock.advance(1_000);
  client.send({ type: 'leave_room', room: 'tea' });
  await client.until(({ code }) => code === 'not_in_room');
  const types = client.received.map(({ type }) => type);
  expect(types.filter((type) => type === 'pong')).toHaveLength(20);
  expect(types.filter((type) => type === 'error')).toHaveLength(2);
});

it.each<[string, (client: SocketClient) => void]>([
  ['messages', (client) => client.send({ type: 'ping' })],
  ['pings', ({ socket }) => socket.ping()],
])('a flood of %s ends its connection', async (_, send) => {
  const { client } = await connect();
  for (let n = 0; n < 200; n += 1) send(client);
  expect(await client.closed).toBe(1008);
});

it('a ticket is void after 30 seconds', async () => {
  const ticket = await system.ticket();
  clock.advance(30_000);
  expect(await system.refused({ ticket, origin })).toMatchObject({ status: 401 });
});

it('a gateway has as many connections as are set, of pages of the origins that are set', async () => {
  await connect();
  const ticket = await system.ticket();
  expect(await system.refused({ ticket, origin })).toMatchObject({ code: 'overloaded' });
  expect(await system.refused({ ticket })).toMatchObject({ code: 'wrong_origin' });
});

it('connections are told to come again when the gateway stops', async () => {
  const { client } = await connect();
  const stopped = system.stop();
  expect(await client.closed).toBe(1012);
  await stopped;
});

it('messages and bytes are counted by type, and clients by room', async () => {
  const { client } = await connect();
  await client.exchange({ type: 'join_room', room: 'tea' }, 'room_joined');
  await client.exchange({ type: 'cake' }, 'error');
  await until(async () =>
    (await system.metrics()).includes('waybill_ws_rooms{kind="chat",service="gateway"} 1'),
  );
  const text = await system.metrics();
  expect(text).toContain(
    'waybill_ws_messages_total{direction="in",type="join_room",service="gateway"} 1',
  );
  expect(text).toContain(
    'waybill_ws_messages_total{direction="in",type="other",service="gateway"} 1',
  );
  expect(text).toContain(
    'waybill_ws_messages_total{direction="out",type="error",service="gateway"} 1',
  );
  expect(text).toMatch(/waybill_ws_bytes_total\{direction="out",service="gateway"\} [1-9]/);
  expect(text).toContain('waybill_ws_chat_room_users{room="tea",service="gateway"} 1');
  expect(text).not.toContain('cake');
  await client.exchange({ type: 'leave_room', room: 'tea' }, 'room_left');
  expect(await system.metrics()).not.toContain('room="tea"');
});
