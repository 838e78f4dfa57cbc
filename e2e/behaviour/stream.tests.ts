import { afterEach, expect, it } from '@jest/globals';
import { Client, type ProblemView } from '../system/client.ts';
import { resigned } from '../system/forged-token.ts';
import { OrderStreamReader } from '../system/order-stream-reader.ts';
import type { SystemUnderTest } from '../system/system-under-test.ts';

/** Versions of an order, one by one. */
export const upTo = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, n) => first + n);

export type OpenStream = (
  client: Client,
  orderId: string,
  options?: Parameters<typeof OrderStreamReader.open>[2],
) => Promise<OrderStreamReader>;

/** Opens streams that end with the test. */
export function openStreams(): OpenStream {
  const readers: OrderStreamReader[] = [];
  afterEach(() => {
    for (const reader of readers.splice(0)) reader.close();
  });
  return async (client, orderId, options) => {
    const reader = await OrderStreamReader.open(client, orderId, options);
    readers.push(reader);
    return reader;
  };
}

/** The stream of an order, as its customer and operators read it. */
export function streamTests(system: () => SystemUnderTest, open: OpenStream): void {
  it('shows every version as it comes, one by one, and the last as the order is', async () => {
    const ada = await system().as('ada');
    const { body } = await ada.placeOrder({ payment: { method: 'card', token: 'tok_slow' } });
    const reader = await open(ada, body.id, { lastEventId: '0' });
    expect(reader.answer.statusCode).toBe(200);
    expect(reader.answer.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
    });
    const { order } = await reader.reaches(1);
    expect(order).toEqual(body);
    const confirmed = await reader.reachesStatus('confirmed');
    expect(reader.ids).toEqual(upTo(confirmed.id));
    expect(new Set(reader.events.map(({ event }) => event))).toEqual(new Set(['order_updated']));
    for (const each of reader.events) expect(each.order.version).toBe(each.id);
    const now = await ada.order(body.id);
    expect(reader.events.at(-1)?.order).toEqual(now);
  });

  it('tells of a version long before it would look by itself', async () => {
    const ada = await system().as('ada');
    const { body } = await ada.placeOrder({ payment: { method: 'card', token: 'tok_slow' } });
    const reader = await open(ada, body.id);
    const { version } = await ada.settled(body.id);
    await reader.reaches(version, 2_000);
  });

  it('stays open with a token that lives for years', async () => {
    const ada = await system().as('ada');
    const { body } = await ada.placeOrder({ payment: { method: 'card', token: 'tok_slow' } });
    const exp = Math.floor(Date.now() / 1_000) + 3 * 365 * 86_400;
    const lasting = new Client(ada.url, resigned(ada.token ?? '', system().data, { exp }));
    const reader = await open(lasting, body.id);
    await reader.reachesStatus('confirmed');
    expect(reader.ended).toBe(false);
  });

  it('begins with the order as it is for who does not say what he has', async () => {
    const ada = await system().as('ada');
    const order = await ada.buy();
    const reader = await open(ada, order.id);
    const first = await reader.reaches(order.version);
    expect([reader.ids, first.order]).toEqual([[order.version], order]);
  });

  it.each(['header', 'query'] as const)(
    'goes on after the last event that a %s names',
    async (by) => {
      const ada = await system().as('ada');
      const { id, version } = await ada.buy();
      const options = by === 'header' ? { lastEventId: '2' } : { query: '?lastEventId=2' };
      const reader = await open(ada, id, options);
      await reader.reaches(version);
      expect(reader.ids).toEqual(upTo(version, 3));
    },
  );

  it('is for its customer and for operators', async () => {
    const [ada, grace, ops] = [
      await system().as('ada'),
      await system().as('grace'),
      await system().as('ops'),
    ];
    const { id, version } = await ada.buy();
    expect((await open(grace, id)).answer.statusCode).toBe(404);
    expect((await open(system().anonymous(), id)).answer.statusCode).toBe(401);
    expect((await open(ada, '019a9c40-0000-7000-8000-000000000001')).answer.statusCode).toBe(404);
    expect((await open(ada, 'x')).answer.statusCode).toBe(404);
    await (await open(ops, id)).reaches(version);
  });

  it.each([
    ['three', 'Last-Event-ID'],
    ['-1', 'Last-Event-ID'],
    ['99999', 'Last-Event-ID'],
    ['?lastEventId=x', 'lastEventId'],
    ['?lastEventId=99999', 'lastEventId'],
    ['?since=1', 'since'],
  ])('refuses %j and names what is wrong', async (value, name) => {
    const ada = await system().as('ada');
    const { id } = await ada.buy();
    const query = value.startsWith('?') ? value : '';
    const headers: Record<string, string> = query ? {} : { 'last-event-id': value };
    const answer = await ada.send<ProblemView>('GET', `/api/v1/orders/${id}/stream${query}`, {
      headers,
    });
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request']);
    expect(answer.body.errors?.map(({ path }) => path)).toEqual([`/${name}`]);
  });

  it('is in the API document', async () => {
    const { body } = await system()
      .anonymous()
      .get<{ paths: Record<string, object> }>('/openapi.json');
    const route = body.paths['/api/v1/orders/{id}/stream'] as {
      get: { parameters: { name: string }[]; responses: Record<string, { content?: object }> };
    };
    expect(route.get.parameters.map(({ name }) => name).sort()).toEqual(
      ['Last-Event-ID', 'id', 'lastEventId'].sort(),
    );
    expect(Object.keys(route.get.responses['200']?.content ?? {})).toEqual(['text/event-stream']);
  });
}
