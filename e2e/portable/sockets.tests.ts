import { afterEach, expect, it } from '@jest/globals';
import type { Client } from '../system/client.ts';
import { upTo } from '../system/open-streams.ts';
import { SocketClient } from '../system/socket-client.ts';
import type { Target } from './target.ts';

/** The WebSocket, as customers and operators use it. */
export function socketTests(target: () => Target): void {
  const clients: SocketClient[] = [];
  afterEach(() => {
    for (const each of clients.splice(0)) each.end();
  });
  const open = async (client: Client): Promise<SocketClient> => {
    const opened = await SocketClient.open(client);
    clients.push(opened);
    return opened;
  };
  const join = async (client: SocketClient, room: string, more: object = {}): Promise<void> => {
    client.send({ type: 'join_room', room, ...more });
    await client.receives('room_joined', (message) => message.room === room);
  };

  it('tells the owner of an order each version, and who comes again what was missed', async () => {
    const ada = await target().as('ada');
    const { body } = await ada.placeOrder();
    const room = `order:${body.id}`;
    const first = await open(ada);
    await join(first, room, { lastEventId: 0 });
    const { id } = await first.receives(
      'order_updated',
      ({ order }) => order?.status === 'confirmed',
    );
    expect(first.versions.slice(0, id)).toEqual(upTo(id ?? 0));
    first.end();
    const again = await open(ada);
    await join(again, room, { lastEventId: 1 });
    await again.receives('order_updated', (message) => message.id === id);
    expect(again.versions.slice(0, (id ?? 0) - 1)).toEqual(upTo(id ?? 0, 2));
  });

  it('shows an order to operators, and not to strangers', async () => {
    const [ada, grace, ops] = [
      await target().as('ada'),
      await target().as('grace'),
      await target().as('ops'),
    ];
    const { id, version } = await ada.buy();
    const [stranger, operator] = [await open(grace), await open(ops)];
    stranger.send({ type: 'join_room', room: `order:${id}` });
    expect(await stranger.receives('error')).toMatchObject({ code: 'not_found' });
    await join(operator, `order:${id}`);
    await operator.receives('order_updated', (message) => message.id === version);
    const { body } = await ops.get<{ items: { room: string }[] }>('/api/v1/ws/rooms?limit=200');
    expect(body.items).toContainEqual({ room: `order:${id}`, kind: 'order', users: 1 });
  });

  it('carries what customers write to each other', async () => {
    const [ada, grace] = [
      await open(await target().as('ada')),
      await open(await target().as('grace')),
    ];
    const room = target().unique('tea');
    await join(ada, room);
    await join(grace, room);
    await ada.receives('user_joined');
    ada.send({ type: 'chat_message', room, message: 'hello' });
    expect(await grace.receives('chat_message')).toMatchObject({
      room,
      message: 'hello',
      from: ada.id,
    });
    grace.send({ type: 'private_message', targetClientId: ada.id, message: 'psst' });
    expect(await ada.receives('private_message')).toMatchObject({
      message: 'psst',
      from: grace.id,
    });
    ada.send({ type: 'no_such_type' });
    expect(await ada.receives('error')).toMatchObject({ code: 'unknown_type' });
  });

  it('audits what an operator writes to everybody', async () => {
    const ops = await target().as('ops');
    const operator = await open(ops);
    operator.send({ type: 'broadcast', message: 'we close at ten' });
    await operator.receives('broadcast_sent');
    const { items } = await ops.read('/api/v1/audit', { query: { limit: 50 } });
    expect(items.map(({ action }) => action)).toContain('WS broadcast');
  });
}
