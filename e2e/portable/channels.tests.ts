import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { Schemas } from '@waybill/client';
import type { Answer, Client, ProblemView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import type { Target } from './target.ts';

type Refusable<T> = Partial<T> & ProblemView;

/** The commands of carriers' bookings; every order waits for one. */
const commands = '/api/v1/channels/shipping.commands';
/** Hardly used, so that a pause disturbs nobody. */
const quiet = '/api/v1/channels/notification.tasks';
const events = '/api/v1/channels/order.events';
/** Live messages have observers instead of groups. */
const live = '/api/v1/channels/order.live';

/** What operators see of channels and messages, and do with them. */
export function channelTests(target: () => Target): void {
  const send = <T = object>(
    ops: Client,
    path: string,
    json?: object,
  ): Promise<Answer<Refusable<T>>> =>
    ops.send(json === undefined ? 'GET' : 'POST', path, json === undefined ? {} : { json });

  it('pauses a channel, shows what waits in it, and loses none of it', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const detail = () => send<Schemas['Channel']>(ops, commands);
    expect(await send(ops, `${commands}/pause`, {})).toMatchObject({
      status: 200,
      body: { paused: true, groups: ['shipping'] },
    });
    // Other replicas obey within seconds, so the first orders may still pass.
    const orders: Schemas['Order'][] = [];
    const first = await eventually('a command waits', async () => {
      orders.push((await ada.placeOrder()).body);
      const { status, body } = await send<Schemas['WaitingPage']>(
        ops,
        `${commands}/messages?wait=2s`,
      );
      const waiting = body.items?.find(({ headers }) => headers?.type === 'shipping.book-shipment');
      if (waiting?.headers) return waiting.headers;
      // Not every broker shows what waits.
      const isSeen = status === 409 && ((await detail()).body.depth ?? 0) > 0;
      return isSeen && { id: null, type: body.code };
    });
    expect(['shipping.book-shipment', 'not_supported']).toContain(first.type);
    const paused = await eventually('every replica is asked', async () => {
      const { body } = await detail();
      return body.missing?.length === 0 && body;
    });
    expect(paused).toMatchObject({ kind: 'command', paused: true });
    expect(paused.subscribers?.map(({ group }) => group)).toEqual(['shipping']);
    expect(paused.partitions?.length).toBeGreaterThan(0);
    // Not every broker tells who consumes.
    await eventually('no replica consumes', async () =>
      (await detail()).body.subscribers?.every(({ consumers }) => !consumers),
    );
    const message = `/api/v1/messages/${first.id}`;
    if (first.id)
      expect((await send(ops, message)).body).toMatchObject({ state: 'pending', type: first.type });

    expect((await send(ops, `${commands}/resume`, {})).status).toBe(200);
    for (const { id } of orders) await ada.settled(id);
    expect((await detail()).body).toMatchObject({ paused: false, pausedBy: null });
    await eventually('the message is processed', async () => {
      if (!first.id) return true;
      const { body } = await send<Schemas['Message']>(ops, message);
      return body.state === 'completed' && body.places?.some(({ group }) => group === 'shipping');
    });
  });

  it('finds a message of an order wherever its broker is, with what was done with it', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const { id } = await ada.buy();
    const sent = await eventually('the journey has the command', async () => {
      const rows = await ops.all('/api/v1/orders/{id}/journey', { path: { id } });
      return rows.find(({ name }) => name === 'shipping.book-shipment');
    });
    const found = await eventually('it is completed', async () => {
      const { body } = await send<Schemas['Message']>(ops, `/api/v1/messages/${sent.messageId}`);
      return body.state === 'completed' && body;
    });
    expect(found.places?.map(({ group }) => group)).toContain('shipping');
  });

  it('shows what waits in a channel of events, where its broker can', async () => {
    const ops = await target().as('ops');
    const { broker } = (await send<Schemas['Channel']>(ops, events)).body;
    const { status, body } = await send<Schemas['WaitingPage']>(ops, `${events}/messages?limit=1`);
    if (broker === 'embedded' || broker === 'kafka') expect(body.items).toBeDefined();
    else expect([status, body.code]).toEqual([409, 'not_supported']);
  });

  it('purges a channel only if its name is confirmed', async () => {
    const ops = await target().as('ops');
    await send(ops, `${quiet}/pause`, {});
    const refused = await send(ops, `${quiet}/purge`, { confirm: 'order.events' });
    expect([refused.status, refused.body.code]).toEqual([422, 'not_confirmed']);
    // Other replicas may still hold the channel for a moment.
    await eventually('it is purged', async () => {
      const { status } = await send(ops, `${quiet}/purge`, { confirm: 'notification.tasks' });
      return status === 202;
    });
    expect((await send(ops, `${quiet}/resume`, {})).status).toBe(200);
  });

  it('says what a broker cannot do', async () => {
    const ops = await target().as('ops');
    expect(await send(ops, live)).toMatchObject({ status: 200, body: { subscribers: [] } });
    const refused = [
      await send(ops, `${live}/messages`),
      await send(ops, `${live}/pause`, {}),
      await send(ops, `${live}/resume`, {}),
      await send(ops, `${live}/purge`, { confirm: 'order.live' }),
    ];
    for (const { status, body } of refused) {
      expect([status, body.code]).toEqual([409, 'not_supported']);
      expect(body.detail).toMatch(/cannot .*order\.live: /);
    }
    // Where the broker can move a group, it is in use.
    const moved = { group: 'notification.digests', to: 'earliest' };
    expect((await send(ops, `${quiet}/seek`, moved)).status).toBe(409);
  });

  it('lists deferred messages by group', async () => {
    const ops = await target().as('ops');
    expect(await ops.whole('/api/v1/deferred', {})).toMatchObject({ nextCursor: null });
    const query = { group: 'no.such' };
    expect(await ops.read('/api/v1/deferred', { query })).toMatchObject({ items: [] });
  });

  it('knows no messages and channels of other names', async () => {
    const ops = await target().as('ops');
    for (const path of [`messages/${randomUUID()}`, 'channels/no.such', 'channels/x/messages'])
      expect((await send(ops, `/api/v1/${path}`)).status).toBe(404);
  });
}
