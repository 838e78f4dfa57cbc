import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import { AccessSystem } from '../system/access-system.ts';
import { Client } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { SocketClient } from '../system/socket-client.ts';
import { type User, Users } from '../system/users.ts';

jest.setTimeout(180_000);

let system: AccessSystem;
const sockets: SocketClient[] = [];
beforeAll(async () => {
  const BROKER_NAMESPACE = `e2e-${randomUUID().slice(0, 8)}`;
  system = await AccessSystem.start({
    BROKER_NAMESPACE,
    REDIS_URL: process.env['REDIS_URL'] ?? '',
  });
});
afterEach(() => {
  for (const each of sockets.splice(0)) each.end();
});
afterAll(() => system?.dispose());

const doorAt = (door: number): string => system.doors[door] ?? '';

/** A member of the room, through a gateway. */
async function enter(user: User, door: number, room: string): Promise<SocketClient> {
  // A token of any gateway is one of all.
  const { token } = await new Users(() => doorAt(1)).as(user);
  const opened = await SocketClient.open(new Client(doorAt(door), token));
  sockets.push(opened);
  opened.send({ type: 'join_room', room, metadata: { name: user } });
  await opened.receives('room_joined', (message) => message.room === room);
  return opened;
}

it('two gateways share a room; when one is killed its members leave, and come again by the other', async () => {
  const room = `tea-${randomUUID()}`;
  const grace = await enter('grace', 1, room);
  const ada = await enter('ada', 0, room);
  await grace.receives('user_joined');
  ada.send({ type: 'chat_message', room, message: 'hello from the first' });
  expect(await grace.receives('chat_message')).toMatchObject({ from: ada.id });
  grace.send({ type: 'private_message', targetClientId: ada.id, message: 'psst' });
  await ada.receives('private_message', ({ message }) => message === 'psst');

  await system.killDoor(0);
  await eventually('the connection is lost', async () => ada.closed !== null);
  await grace.receives('user_left', ({ clientId }) => clientId === ada.id);

  const again = await enter('ada', 1, room);
  again.send({ type: 'chat_message', room, message: 'hello from the second' });
  await grace.receives('chat_message', ({ from }) => from === again.id);
});
