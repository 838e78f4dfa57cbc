import { randomUUID } from 'node:crypto';
import { afterEach, it, jest } from '@jest/globals';
import { OwnRedis, until } from '@waybill/redis/testing';
import type { SocketClient } from '../testing/socket-client.ts';
import { SocketSystem } from '../testing/socket-system.ts';

jest.setTimeout(60_000);

const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function gateways(
  url = process.env['REDIS_URL'] ?? '',
): Promise<[SocketSystem, SocketSystem]> {
  const env = { REDIS_URL: url, BROKER_NAMESPACE: `test-${randomUUID().slice(0, 8)}` };
  const both: [SocketSystem, SocketSystem] = [new SocketSystem(), new SocketSystem()];
  for (const each of both) {
    endings.push(() => each.close());
    await each.start(env);
  }
  return both;
}

const joins = (client: SocketClient, room: string) =>
  client.exchange({ type: 'join_room', room }, 'room_joined');
const has = (client: SocketClient, type: string, fields: object = {}) =>
  client.until((message) =>
    Object.entries({ type, ...fields }).every(([name, value]) => message[name] === value),
  );

it('two gateways have their rooms, clients and tickets together', async () => {
  const [one, other] = await gateways();
  const ada = await one.connect('ada');
  await joins(ada, 'tea');
  const operator = await other.connect('operator');
  await until('the other knows the room', async () => (await other.rooms()).length === 1);
  operator.send({ type: 'join_room', room: 'tea' });
  operator.send({ type: 'chat_message', room: 'tea', message: 'hello' });
  await has(ada, 'chat_message', { message: 'hello', from: operator.id });
  ada.send({ type: 'private_message', targetClientId: operator.id, message: 'psst' });
  await has(ada, 'message_sent', { success: true });
  await has(operator, 'private_message', { message: 'psst', from: ada.id });
  operator.send({ type: 'broadcast', message: 'all' });
  await has(operator, 'broadcast_sent', { sentTo: 1 });
  await has(ada, 'broadcast_message', { message: 'all' });
  // A put that took too long leaves its ticket with the one gateway.
  await until('a ticket of one opens the other, once', async () => {
    const ticket = await one.ticket('grace');
    const opened = await other.open({ ticket }).then(
      () => true,
      () => false,
    );
    return opened && (await one.refused({ ticket })).code === 'invalid_ticket';
  });
  await other.stop();
  await has(ada, 'user_left', { clientId: operator.id });
});

it('while Redis is away rooms go on at each gateway, which shows in the health', async () => {
  const redis = await OwnRedis.start();
  endings.push(() => redis.kill());
  const [one, other] = await gateways(redis.url);
  const [ada, grace] = [await one.connect('ada'), await one.connect('grace')];
  const far = await other.connect('other');
  for (const client of [ada, far]) await joins(client, 'tea');
  await has(ada, 'user_joined');
  await redis.kill();
  await until('the other gateway counts as gone', () =>
    ada.received.some(({ type }) => type === 'user_left'),
  );
  grace.send({ type: 'join_room', room: 'tea' });
  grace.send({ type: 'chat_message', room: 'tea', message: 'still here' });
  await has(ada, 'chat_message', { message: 'still here' });
  await one.connect('late');
  await until('it shows', async () => (await one.health()).includes('shared-rooms'));
  await redis.start();
  await until('both have all again', () =>
    far.received.some(
      ({ type, user }) =>
        type === 'user_joined' && (user as { clientId: string }).clientId === grace.id,
    ),
  );
  await until('it shows no more', async () => !(await one.health()).includes('shared-rooms'));
});
