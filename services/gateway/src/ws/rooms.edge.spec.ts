import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ada as adasCaller } from '@waybill/http/testing';
import { until } from '@waybill/messaging/testing';
import { SocketSystem } from '../testing/socket-system.ts';

let system: SocketSystem;
beforeEach(async () => {
  system = new SocketSystem();
  await system.start();
});
afterEach(() => system.close());

const orderId = '01980000-0000-7000-8000-000000000001';

describe('a room', () => {
  it('shows who is in it, to those who are', async () => {
    const [ada, grace] = [await system.connect('ada'), await system.connect('grace')];
    const first = await ada.exchange(
      { type: 'join_room', room: 'tea', metadata: { nick: 'A' } },
      'room_joined',
    );
    expect(first).toMatchObject({ room: 'tea', metadata: { nick: 'A' }, users: [] });
    const second = await grace.exchange({ type: 'join_room', room: 'tea' }, 'room_joined');
    expect(second['users']).toMatchObject([
      { clientId: ada.id, role: 'customer', metadata: { nick: 'A' } },
    ]);
    expect(await ada.next('user_joined')).toMatchObject({
      room: 'tea',
      user: { clientId: grace.id },
    });
    const users = await grace.exchange({ type: 'get_room_users', room: 'tea' }, 'room_users');
    expect(users['users']).toMatchObject([{ clientId: ada.id }, { clientId: grace.id }]);
  });

  it('carries a message to everybody else in it', async () => {
    const [ada, grace, other] = await Promise.all(
      ['ada', 'grace', 'other'].map((each) => system.connect(each)),
    );
    if (!ada || !grace || !other) throw new Error('nobody came');
    for (const each of [ada, grace])
      await each.exchange({ type: 'join_room', room: 'tea' }, 'room_joined');
    await ada.next('user_joined');
    ada.send({ type: 'chat_message', room: 'tea', message: 'hello' });
    expect(await grace.next('chat_message')).toMatchObject({
      room: 'tea',
      message: 'hello',
      from: ada.id,
    });
    expect(await ada.isSilent()).toBe(true);
    expect(await other.isSilent()).toBe(true);
  });

  it('is left by message and by the end of a connection, and is gone with the last', async () => {
    const [ada, grace] = [await system.connect('ada'), await system.connect('grace')];
    for (const each of [ada, grace])
      await each.exchange({ type: 'join_room', room: 'tea' }, 'room_joined');
    await ada.next('user_joined');
    grace.end();
    expect(await ada.next('user_left')).toMatchObject({ room: 'tea', clientId: grace.id });
    const list = async () => {
      const answer = await fetch(`${system.url}/api/v1/ws/rooms`, {
        headers: { authorization: 'Bearer operator' },
      });
      return ((await answer.json()) as { items: unknown }).items;
    };
    expect(await list()).toEqual([{ room: 'tea', kind: 'chat', users: 1 }]);
    expect(await ada.exchange({ type: 'leave_room', room: 'tea' }, 'room_left')).toEqual({
      type: 'room_left',
      room: 'tea',
    });
    expect(await list()).toEqual([]);
  });

  it.each([
    { type: 'leave_room', room: 'tea' },
    { type: 'get_room_users', room: 'tea' },
    { type: 'chat_message', room: 'tea', message: 'hello' },
  ])('takes nothing of those who are not in it: $type', async (message) => {
    const ada = await system.connect();
    expect(await ada.exchange(message, 'error')).toMatchObject({
      code: 'not_in_room',
      refused: message.type,
    });
  });
});

describe('the room of an order', () => {
  it('tells its owner each version', async () => {
    system.feeds.advance(orderId);
    const ada = await system.connect();
    await ada.exchange({ type: 'join_room', room: `order:${orderId}` }, 'room_joined');
    expect(await ada.next('order_updated')).toMatchObject({ id: 1, order: { id: orderId } });
    system.feeds.advance(orderId);
    expect(await ada.next('order_updated')).toMatchObject({ id: 2 });
    ada.end();
    await until(() => system.feeds.size === 0);
  });

  it('tells who comes again what was missed, also after the order service was lost', async () => {
    system.feeds.advance(orderId);
    system.feeds.advance(orderId);
    const ada = await system.connect();
    await ada.exchange(
      { type: 'join_room', room: `order:${orderId}`, lastEventId: 0 },
      'room_joined',
    );
    expect([
      (await ada.next('order_updated'))['id'],
      (await ada.next('order_updated'))['id'],
    ]).toEqual([1, 2]);
    system.feeds.cut();
    system.feeds.advance(orderId);
    expect(await ada.next('order_updated')).toMatchObject({ id: 3 });
  });

  it('is not there for a stranger, and is for an operator', async () => {
    system.feeds.advance(orderId);
    const [grace, operator] = [await system.connect('grace'), await system.connect('operator')];
    const join = { type: 'join_room', room: `order:${orderId}` };
    expect(await grace.exchange(join, 'error')).toMatchObject({
      code: 'not_found',
      refused: 'join_room',
    });
    await operator.exchange(join, 'room_joined');
    await operator.next('order_updated');
  });
});

describe('outside of rooms', () => {
  it('a customer gets notifications on each connection, and nobody else does', async () => {
    const mine = [await system.connect('ada'), await system.connect('ada')];
    const other = await system.connect('grace');
    const notification = {
      id: 'n1',
      orderId,
      template: 'order-shipped',
      title: 'Shipped',
      at: '2026-01-01T00:00:00Z',
    };
    system.live.publish({ customerId: 'no-one', ...notification });
    system.live.publish('nonsense');
    system.live.publish({ customerId: adasCaller.id, ...notification });
    for (const each of mine) expect(await each.next('notification')).toMatchObject(notification);
    expect(await other.isSilent()).toBe(true);
  });

  it('one client writes to another', async () => {
    const [ada, grace] = [await system.connect('ada'), await system.connect('grace')];
    const private_ = { type: 'private_message', targetClientId: grace.id, message: 'psst' };
    expect(await ada.exchange(private_, 'message_sent')).toMatchObject({
      success: true,
      targetClientId: grace.id,
    });
    expect(await grace.next('private_message')).toMatchObject({ message: 'psst', from: ada.id });
    const nobody = { ...private_, targetClientId: orderId };
    expect(await ada.exchange(nobody, 'message_sent')).toMatchObject({ success: false });
  });

  it('an operator writes to everybody else, and nobody else does', async () => {
    const [ada, operator] = [await system.connect('ada'), await system.connect('operator')];
    const all = { type: 'broadcast', message: 'closing' };
    expect(await operator.exchange(all, 'broadcast_sent')).toMatchObject({ sentTo: 1 });
    expect(await ada.next('broadcast_message')).toMatchObject({
      message: 'closing',
      from: operator.id,
    });
    expect(await ada.exchange(all, 'error')).toMatchObject({ code: 'forbidden' });
    expect(await operator.isSilent()).toBe(true);
  });
});
