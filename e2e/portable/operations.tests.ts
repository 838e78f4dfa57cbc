import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { ProblemView, Read } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import type { Target } from './target.ts';

const services = [
  'order',
  'inventory',
  'payment',
  'shipping',
  'notification',
  'analytics',
  'customer',
];

const plurals: Readonly<Record<string, string>> = { reply: 'replies', activity: 'activity' };

/** What operators see of the system itself. */
export function operationTests(target: () => Target): void {
  it('lists every channel with what has gone through it', async () => {
    const ops = await target().as('ops');
    const channels = await ops.all('/api/v1/channels', {});
    const groups = channels.map(({ group }) => group.split('.')[0]);
    // Nothing is sent to customer.
    const receiving = services.filter((service) => service !== 'customer');
    expect(groups).toEqual(expect.arrayContaining(receiving));
    const word = (channel: string) => channel.split('.')[1] ?? '';
    for (const { channel, kind } of channels) {
      expect([channel, word(channel)]).toEqual([channel, plurals[kind] ?? `${kind}s`]);
    }
    for (const { depth } of channels) expect(depth ?? 0).toBeGreaterThanOrEqual(0);
    expect(channels.reduce((sum, { applied }) => sum + applied, 0)).toBeGreaterThan(0);
  });

  it('is alive, ready, and not unhealthy, with every check and its thresholds', async () => {
    const nobody = target().anonymous();
    expect((await nobody.get('/health/live')).status).toBe(200);
    expect((await nobody.get('/health/ready')).status).toBe(200);
    // A busy machine delays the event loop for a moment.
    const health = await eventually('no check is unhealthy', async () => {
      const { status, body } = await nobody.get<Read<'/health'>>('/health');
      return status === 200 && body;
    });
    expect(['healthy', 'degraded']).toContain(health.status);
    const names = health.services.map(({ service }) => service);
    expect(names).toEqual(expect.arrayContaining(services));
    // A gateway has a report of its own, with fewer checks.
    const reports = health.services.filter(({ service }) => service !== 'gateway');
    for (const { checks } of reports) expect(checks.length).toBeGreaterThan(3);
  });

  it('counts what flows on each channel, in numbers that agree', async () => {
    const ops = await target().as('ops');
    const body = await ops.whole('/api/v1/metrics/summary', {});
    expect(body.services.map(({ service }) => service)).toEqual(expect.arrayContaining(services));
    const subscriptions = body.channels.flatMap((channel) => channel.subscriptions);
    const consumed = subscriptions.reduce((sum, each) => sum + each.consumed, 0);
    expect([body.totals.consumed, body.totals.consumed > 0]).toEqual([consumed, true]);
    expect(body.totals.produced).toBeGreaterThan(0);
    expect(body.channels.map(({ channel }) => channel)).toContain('order.events');
  });

  it('counts what flows, for a Prometheus beside it and for nobody else', async () => {
    const answer = await target().anonymous().get('/metrics');
    if (answer.status === 404) return;
    const text = answer.bytes.toString();
    expect(text).toMatch(/^# TYPE \S+ (counter|gauge|histogram)$/m);
    for (const service of services) expect(text).toContain(`service="${service}"`);
  });

  it('lists alerts, tests how they are sent, and keeps them quiet for a time', async () => {
    const ops = await target().as('ops');
    const { items } = await ops.read('/api/v1/alerts', { query: { state: 'firing' } });
    for (const { state, runbook } of items)
      expect([state, runbook]).toEqual(['firing', expect.stringContaining('docs/runbooks/')]);
    const tested = await ops.post('/api/v1/alerts/test', { channel: 'log' });
    expect(tested).toMatchObject({ status: 200, body: { channel: 'log', status: 'sent' } });
    const endsAt = new Date(Date.now() + 3_600_000).toISOString();
    const silence = { rule: 'dead-letters', service: 'nobody', comment: 'portable', endsAt };
    const { status, body } = await ops.post<{ id: string }>('/api/v1/alerts/silences', silence);
    expect([status, body]).toMatchObject([201, silence]);
    const silences = await ops.all('/api/v1/alerts/silences', {});
    expect(silences).toContainEqual(body);
    const gone = await ops.send('DELETE', `/api/v1/alerts/silences/${body.id}`);
    expect(gone.status).toBe(204);
    const again = await ops.send('DELETE', `/api/v1/alerts/silences/${body.id}`);
    expect(again.status).toBe(404);
    const unknown = await ops.post(`/api/v1/alerts/${randomUUID()}/acknowledge`, {});
    expect(unknown.status).toBe(404);
  });

  it('knows who did what, at a service and at the gateway, and what they read for a reason', async () => {
    const ops = await target().as('ops');
    const sku = await target().product(1);
    const letter = `order.${randomUUID()}`;
    await ops.send('DELETE', `/api/v1/dead-letters/${letter}`);
    await ops.get(`/api/v1/dead-letters/${letter}/original?reason=ticket%207`);
    const { items } = await ops.whole('/api/v1/audit', { query: { limit: 200 } });
    const of = (subject: string) =>
      items
        .filter((each) => each.subject === subject)
        .map(({ service, action, reason, status }) => [service, action, reason, status]);
    expect(of(letter)).toEqual([
      ['gateway', 'GET /api/v1/dead-letters/{id}/original', 'ticket 7', 404],
      ['gateway', 'DELETE /api/v1/dead-letters/{id}', null, 404],
    ]);
    expect(of(sku)).toContainEqual(['inventory', 'PUT /api/v1/products/{sku}', null, 201]);
    const operator = items[0]?.operator ?? '';
    const query = { operator, action: 'PUT /api/v1/products', since: items.at(-1)?.at ?? '' };
    const filtered = await ops.all('/api/v1/audit', { query });
    expect(filtered.some(({ subject }) => subject === sku)).toBe(true);
    for (const wrong of ['operator=', 'action=', 'since=yesterday', 'by=ops', 'cursor=x'])
      expect((await ops.get(`/api/v1/audit?${wrong}`)).status).toBe(400);
    const ada = await target().as('ada');
    expect((await ada.get('/api/v1/audit')).status).toBe(403);
  });

  it('lists dead letters by channel, type and handler', async () => {
    const ops = await target().as('ops');
    for (const query of [{ channel: 'no.such' }, { type: 'no.such' }, { handler: 'no.such' }]) {
      const { items } = await ops.whole('/api/v1/dead-letters', { query });
      expect([query, items]).toEqual([query, []]);
    }
    expect((await ops.get('/api/v1/dead-letters?channel=')).status).toBe(400);
  });

  it('redrives as many dead letters as fit a filter, as a job', async () => {
    const ops = await target().as('ops');
    const body = { filter: { type: target().unique('no.such') }, ratePerSecond: 10 };
    const { data: job } = await ops.api.POST('/api/v1/dead-letters/redrive', { body });
    expect(job).toMatchObject({ kind: 'redrive-dead-letters', counts: { expected: 0 } });
    await eventually('it is done', async () => {
      const path = { id: job?.id ?? '' };
      return (await ops.read('/api/v1/jobs/{id}', { path })).state === 'done';
    });
    const { items } = await ops.whole('/api/v1/dead-letters/redrives', {});
    expect(items.find(({ id }) => id === job?.id)?.state).toBe('done');
    const { filter } = body;
    const rates = [0, -1, 1_001, '1'].map((ratePerSecond) => ({ filter, ratePerSecond }));
    const filters = [{ kind: 'x' }, { type: '' }, []].map((each) => ({ filter: each }));
    for (const wrong of [{}, ...filters, ...rates])
      expect((await ops.post('/api/v1/dead-letters/redrive', wrong)).status).toBe(400);
  });

  it.each(['x', 'order', 'order.', 'order.x', 'nobody.x', `nobody.${randomUUID()}`])(
    'has no dead letter %s',
    async (id) => {
      const ops = await target().as('ops');
      const path = `/api/v1/dead-letters/${id}`;
      expect((await ops.get<ProblemView>(path)).body.code).toBe('no_such_dead_letter');
      expect((await ops.post(`${path}/redrive`, {})).status).toBe(404);
      expect((await ops.send('DELETE', path)).status).toBe(404);
    },
  );

  it('writes one e-mail for what its customer should know of an order', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const { id } = await ada.buy();
    const written = await eventually('the e-mail is written', async () => {
      const found = await ops.all('/api/v1/notifications', { query: { orderId: id } });
      return found.some(({ template }) => template === 'order-confirmed') && found;
    });
    const templates = written.map(({ template }) => template);
    expect(new Set(templates).size).toBe(templates.length);
    expect(new Set(written.map(({ orderId }) => orderId))).toEqual(new Set([id]));
    const query = { orderId: randomUUID() };
    expect(await ops.all('/api/v1/notifications', { query })).toEqual([]);
    expect((await ops.get('/api/v1/notifications?orderId=x')).status).toBe(400);
  });

  it('counts orders and revenue of a period', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const bought = await Promise.all([ada.buy(), ada.buy()]);
    const placed = bought.map(({ placedAt }) => Date.parse(placedAt));
    const minute = (time: number) => new Date(Math.floor(time / 60_000) * 60_000).toISOString();
    const from = minute(Math.min(...placed));
    const to = minute(Math.max(...placed) + 60_000);
    const { summary, again } = await eventually('both are counted', async () => {
      const read = () => ops.read('/api/v1/analytics/summary', { query: { from, to } });
      const summary = await read();
      return summary.confirmed >= 2 && { summary, again: await read() };
    });
    const revenue = bought.reduce((sum, { total }) => sum + total.amount, 0);
    expect(summary.revenue.amount).toBeGreaterThanOrEqual(revenue);
    expect(again.placed).toBeGreaterThanOrEqual(summary.placed);
    const inMinutes = summary.minutes.reduce((sum, each) => sum + each.placed, 0);
    expect(inMinutes).toBe(summary.placed);
    for (const each of summary.minutes) {
      expect(each.minute >= from && each.minute < to).toBe(true);
    }
  });

  it.each([
    'from=yesterday',
    'from=2026-01-02T00:00:00.000Z&to=2026-01-01T00:00:00.000Z',
    'from=2026-01-01T00:00:00.000Z&to=2026-01-09T00:00:00.000Z',
    'from=2026-01-01T00:00:00%2B01:00',
    'window=1h',
  ])('counts nothing for the period %s', async (query) => {
    const ops = await target().as('ops');
    expect((await ops.get(`/api/v1/analytics/summary?${query}`)).status).toBe(400);
  });
}
