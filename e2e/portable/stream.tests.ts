import { expect, it } from '@jest/globals';
import type { ProblemView } from '../system/client.ts';
import { openStreams, upTo } from '../system/open-streams.ts';
import type { Target } from './target.ts';

/** The event stream of an order, as its customer and operators read it. */
export function streamTests(target: () => Target): void {
  const open = openStreams();

  it('shows every version as it comes, one by one, and the last as the order is', async () => {
    const ada = await target().as('ada');
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
    for (const each of reader.events) {
      expect(each.order.version).toBe(each.id);
      expect(target().contract.misfits('Order', each.order)).toEqual([]);
    }
    const now = await ada.order(body.id);
    expect(reader.events.at(-1)?.order).toEqual(now);
  });

  it('begins with the order as it is for who does not say what he has', async () => {
    const ada = await target().as('ada');
    const order = await ada.buy();
    const reader = await open(ada, order.id);
    const first = await reader.reaches(order.version);
    expect([reader.ids, first.order]).toEqual([[order.version], order]);
  });

  it.each(['header', 'query'] as const)(
    'goes on after the last event that a %s names',
    async (by) => {
      const ada = await target().as('ada');
      const { id, version } = await ada.buy();
      const options = by === 'header' ? { lastEventId: '2' } : { query: '?lastEventId=2' };
      const reader = await open(ada, id, options);
      await reader.reaches(version);
      expect(reader.ids).toEqual(upTo(version, 3));
    },
  );

  it('is for its customer and for operators', async () => {
    const [ada, grace, ops] = [
      await target().as('ada'),
      await target().as('grace'),
      await target().as('ops'),
    ];
    const { id, version } = await ada.buy();
    expect((await open(grace, id)).answer.statusCode).toBe(404);
    expect((await open(target().anonymous(), id)).answer.statusCode).toBe(401);
    expect((await open(ada, '019a9c40-0000-7000-8000-000000000001')).answer.statusCode).toBe(404);
    expect((await open(ada, 'x')).answer.statusCode).toBe(404);
    await (await open(ops, id)).reaches(version);
  });

  it('begins again where it was cut, and misses nothing', async () => {
    const ada = await target().as('ada');
    const { body } = await ada.placeOrder({ payment: { method: 'card', token: 'tok_slow' } });
    const cut = await open(ada, body.id, { lastEventId: '0' });
    await cut.reaches(1);
    cut.close();
    const seen = cut.ids;
    const again = await open(ada, body.id, { lastEventId: String(seen.at(-1)) });
    const { id } = await again.reachesStatus('confirmed');
    expect([...seen, ...again.ids]).toEqual(upTo(id));
  });

  it.each([
    ['three', 'Last-Event-ID'],
    ['-1', 'Last-Event-ID'],
    ['99999', 'Last-Event-ID'],
    ['?lastEventId=x', 'lastEventId'],
    ['?lastEventId=99999', 'lastEventId'],
    ['?since=1', 'since'],
  ])('refuses %j and names what is wrong', async (value, name) => {
    const ada = await target().as('ada');
    const { id } = await ada.buy();
    const query = value.startsWith('?') ? value : '';
    const headers: Record<string, string> = query ? {} : { 'last-event-id': value };
    const answer = await ada.send<ProblemView>('GET', `/api/v1/orders/${id}/stream${query}`, {
      headers,
    });
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request']);
    expect(answer.body.errors?.map(({ path }) => path)).toEqual([`/${name}`]);
  });
}
