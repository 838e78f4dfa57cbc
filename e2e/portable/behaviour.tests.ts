import { randomUUID } from 'node:crypto';
import { afterEach, expect, it } from '@jest/globals';
import type { Schemas } from '@waybill/client';
import type { ProblemView } from '../system/client.ts';
import { EventReader } from '../system/event-reader.ts';
import { eventually } from '../system/eventually.ts';
import type { Target } from './target.ts';

/** What visitors do and what is sold, as the pipeline of analytics computes it. */
export function behaviourTests(target: () => Target): void {
  const readers: EventReader<{ readonly sessions: number }>[] = [];
  afterEach(() => {
    for (const reader of readers.splice(0)) reader.close();
  });

  const activity = (
    sessionId: string,
    more: Partial<Schemas['Activity']>,
  ): Schemas['Activity'] => ({
    type: 'page_view',
    sessionId,
    occurredAt: new Date().toISOString(),
    properties: {},
    eventId: randomUUID(),
    ...more,
  });

  it('shows what a known visitor did, by windows, session, page and step', async () => {
    const [ops, ada] = [await target().as('ops'), await target().as('ada')];
    const [sessionId, page] = [randomUUID(), `/${target().unique('page')}`];
    const report = [
      activity(sessionId, { properties: { page: `${page}?utm=1` } }),
      activity(sessionId, { type: 'add_to_cart', properties: { sku: 'MUG' } }),
      activity(sessionId, { type: 'purchase', properties: { amount: 500 } }),
    ];
    for (let n = 0; n < 2; n += 1)
      expect((await ada.post('/api/v1/activity', report)).status).toBe(202);

    const from = new Date(Date.now() - 3_600_000).toISOString();
    const session = await eventually('the session is shown with all activities', async () => {
      const query = { customerId: ada.userId, from };
      const { items } = await ops.read('/api/v1/analytics/sessions', { query });
      return items.find((each) => each.sessionId === sessionId && each.activities === 3);
    });
    expect(session).toMatchObject({
      customerId: ada.userId,
      bounced: false,
      pageViews: 1,
      spend: { amount: 500 },
      entryPage: page,
      exitPage: page,
    });
    const window = await eventually('a window has the activities', async () => {
      const query = { user: ada.userId, from };
      const { items } = await ops.read('/api/v1/analytics/windows', { query });
      return items.find((each) => each.spend.amount >= 500 && each.uniquePages >= 1);
    });
    expect(window).toMatchObject({ known: true });
    const query = { from, limit: 200 };
    const viewed = await eventually('the page is shown', async () => {
      const { items } = await ops.read('/api/v1/analytics/pages', { query });
      return items.find((each) => each.path === page);
    });
    expect(viewed).toEqual({ path: page, category: 'other', views: 1, sessions: 1 });
    await eventually('the session is counted', async () => {
      const { sessions } = await ops.read('/api/v1/analytics/bounce', { query: { from } });
      const { steps } = await ops.read('/api/v1/analytics/funnel', { query: { from } });
      const last = steps.at(-1);
      return sessions > 0 && last?.step === 'purchased' && last.sessions > 0;
    });
  });

  it('shows what was sold, to whom, and how long orders took', async () => {
    const [ops, ada] = [await target().as('ops'), await target().as('ada')];
    const sku = await target().product(300, { price: { amount: 1_000, currency: 'EUR' } });
    const order = await ada.buy({ lines: [{ sku, quantity: 200 }] });
    await eventually('the order is one of high value', async () => {
      const { items } = await ops.read('/api/v1/analytics/high-value-orders', {});
      return items.some(({ orderId, outcome }) => orderId === order.id && outcome === 'confirmed');
    });
    await eventually('it is counted by the minute, and how long it took', async () => {
      const query = { window: '1m' } as const;
      const { items } = await ops.read('/api/v1/analytics/revenue', { query });
      const latency = await ops.read('/api/v1/analytics/sagas/latency', {});
      const confirmed = latency.items.find(({ outcome }) => outcome === 'confirmed');
      return (items.at(-1)?.orders ?? 0) > 0 && (confirmed?.p50 ?? 0) > 0;
    });
    await eventually('the customer is known', async () => {
      const path = { id: ada.userId };
      const found = await ops.get<Schemas['CustomerNumbers']>(
        `/api/v1/analytics/customers/${path.id}`,
      );
      return found.status === 200 && found.body.lifetimeValue.amount >= order.total.amount;
    });
    await eventually('the product is among the best', async () => {
      const query = { by: 'units', limit: 100 } as const;
      const top = await ops.read('/api/v1/analytics/products/top', { query });
      return top.items.some((each) => each.sku === sku && each.units === 200);
    });
    const none = await ops.get<ProblemView>('/api/v1/analytics/customers/nobody');
    expect([none.status, none.body.code]).toEqual([404, 'not_found']);
  });

  it('shows operators what happens now', async () => {
    const ops = await target().as('ops');
    const reader = await EventReader.open<{ sessions: number }>(ops, '/api/v1/analytics/live');
    readers.push(reader);
    expect(reader.answer.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    const head = await ops.send('HEAD', '/api/v1/analytics/live');
    expect([head.status, head.bytes.length]).toEqual([200, 0]);
    await ops.post('/api/v1/activity', activity(randomUUID(), {}));
    await eventually('the new session is shown', async () =>
      reader.events.some(({ event, data }) => event === 'numbers' && data.sessions > 0),
    );
  });
}
