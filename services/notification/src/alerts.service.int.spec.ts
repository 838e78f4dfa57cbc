import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@waybill/contracts';
import { ServiceTokens } from '@waybill/http';
import type { BadCheck } from './domain/observation.ts';
import { AlertWatch } from './messages/alert.watch.ts';
import { AlertRepository } from './storage/alert.repository.ts';
import { notificationInvariants } from './storage/notification.invariants.ts';
import { eventually, openEndpoint, WebhookBench } from './testing/webhook-bench.ts';

const hour = 3_600_000;
const deep: BadCheck = {
  name: 'depth',
  status: 'unhealthy',
  value: 20_000,
  threshold: { degraded: 8_000, unhealthy: 10_000 },
  unit: 'messages',
  about: 'order.mail',
};

let status = 200;
let slack: Awaited<ReturnType<typeof openEndpoint>>;
let bench: WebhookBench;
let alerts: AlertRepository;
let now: Date;

beforeAll(async () => {
  slack = await openEndpoint((response) => response.writeHead(status).end('ok'));
  bench = await WebhookBench.start({
    ALERT_SLACK_URL: slack.url,
    ALERT_EVERY: '5m',
    ALERT_REPEAT: '2h',
  });
  alerts = bench.service.app.get(AlertRepository);
}, 60_000);
beforeEach(async () => {
  status = 200;
  now = new Date();
  slack.received.splice(0);
  await bench.database.pool.query('truncate alerts, alert_silences, alert_observations, work_job');
});
afterEach(async () => {
  expect(await notificationInvariants(bench.database.dataSource)).toEqual([]);
});
afterAll(async () => {
  await bench?.close();
  slack?.close();
});

const ops = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) =>
  bench.request(method, `/alerts${path}`, 'ops', body);
/** What a gateway sees, and what follows from it. */
const see = async (bad: readonly BadCheck[], ...sources: readonly string[]) => {
  for (const source of sources.length === 0 ? ['one'] : sources)
    await alerts.observe({
      source,
      at: now.toISOString(),
      processes: [{ service: 'order', answered: true, bad }],
    });
  await look();
};
const look = () => alerts.update(now, 4 * hour, ['log', 'slack']);
const list = async (query = '') => (await ops('GET', query)).body.items;
const waitingJobs = async (): Promise<string[]> => {
  const { rows } = await bench.database.pool.query(
    `select key from work_job where queue = 'alerts'`,
  );
  return rows.map(({ key }: { key: string }) => key.split('/').slice(1).join(' '));
};

describe('an alert', () => {
  it('is raised and sent once, whoever sees it and however often', async () => {
    await see([deep], 'one', 'two');
    await Promise.all([look(), look(), look()]);
    await slack.has(1);
    await eventually(async () => (await waitingJobs()).length === 0);
    expect(slack.received).toHaveLength(1);
    const { text } = JSON.parse(slack.received[0]?.body ?? '');
    expect(text).toContain('*[ticket] Too many messages wait for a group (order, order.mail)*');
    expect(text).toContain('what to do: http://127.0.0.1:8080/docs/runbooks/channel-depth');
    expect(await list()).toMatchObject([
      {
        rule: 'channel-depth',
        service: 'order',
        value: 20_000,
        threshold: 10_000,
        state: 'firing',
      },
    ]);
  });

  it('that is acknowledged is not sent again, and its end is', async () => {
    await see([deep]);
    const [{ id }] = await list('?state=firing');
    const done = await ops('POST', `/${id}/acknowledge`);
    expect(done).toMatchObject({ status: 200, body: { state: 'acknowledged' } });
    const again = await ops('POST', `/${id}/acknowledge`);
    expect(again.body).toEqual(done.body);
    now = new Date(now.getTime() + 5 * hour);
    await see([deep]);
    await see([]);
    await slack.has(2);
    await eventually(async () => (await waitingJobs()).length === 0);
    const texts = slack.received.map(({ body }) => JSON.parse(body).text.slice(0, 12));
    expect(texts.sort()).toEqual(['*[resolved] ', '*[ticket] To']);
    expect(await list('?state=resolved')).toMatchObject([{ id, resolvedAt: now.toISOString() }]);
    expect(await ops('POST', `/${id}/acknowledge`)).toMatchObject({
      status: 409,
      body: { code: 'alert_resolved' },
    });
  });

  it('that nobody acknowledges is sent again after ALERT_REPEAT, and not before', async () => {
    await see([deep]);
    const isSent = () => eventually(async () => (await waitingJobs()).length === 0);
    await isSent();
    const watch = bench.service.app.get(AlertWatch);
    const lookAfter = async (minutes: number) => {
      await bench.database.pool.query(
        `update alerts set notified_at = now() - $1 * interval '1 minute'`,
        [minutes],
      );
      await bench.database.pool.query(`update alert_observations set at = now()`);
      await watch.look();
    };
    await lookAfter(119);
    await isSent();
    expect(slack.received).toHaveLength(1);
    await lookAfter(121);
    await isSent();
    expect(slack.received).toHaveLength(2);
  });

  it('is not sent while it is silenced, and is when the silence ends', async () => {
    const endsAt = new Date(now.getTime() + hour).toISOString();
    const silence = { rule: 'channel-depth', comment: 'we know', endsAt };
    const { status: created, body } = await ops('POST', '/silences', silence);
    expect([created, body]).toMatchObject([201, { ...silence, service: null }]);
    await see([deep]);
    expect(await list()).toMatchObject([{ silenced: true, notifiedAt: null }]);
    expect(await waitingJobs()).toEqual([]);
    expect((await ops('GET', '/silences')).body.items).toEqual([body]);
    expect((await ops('DELETE', `/silences/${body.id}`)).status).toBe(204);
    expect((await ops('DELETE', `/silences/${body.id}`)).status).toBe(404);
    await look();
    await slack.has(1);
  });

  it('given a query that takes too long, when its check answers again, then nobody is told; when it does not, they are', async () => {
    const slow = { ...deep, name: 'outbox-age', value: null, about: undefined };
    await see([slow]);
    await see([slow]);
    await see([]);
    await see([slow]);
    await see([slow]);
    expect(await list()).toEqual([]);
    await see([slow]);
    await slack.has(1);
    const { text } = JSON.parse(slack.received[0]?.body ?? '');
    expect(text).toContain('*[page] Committed messages are not published (order)*');
    expect(text).toContain('outbox-age: it does not answer, limit 10000');
    expect(await list()).toMatchObject([{ rule: 'outbox-age', value: null, state: 'firing' }]);
  });

  it('reaches one channel while another fails, which is tried again', async () => {
    status = 500;
    await see([deep]);
    await slack.has(1);
    await eventually(async () => String(await waitingJobs()) === 'firing slack');
    status = 200;
    await slack.has(2);
    await eventually(async () => (await waitingJobs()).length === 0);
  });
});

describe('what a gateway reports', () => {
  const report = async (authorization: string, bad: readonly BadCheck[]) => {
    const processes = Array.from({ length: 30 }, (_, n) => ({
      service: `service-${n}`,
      answered: true,
      bad,
    }));
    const { statusCode } = await bench.service.app.inject({
      method: 'POST',
      url: '/internal/observations',
      headers: { authorization },
      payload: { source: 'one', processes },
    });
    return statusCode;
  };

  it('is taken of services only, also when everything is bad', async () => {
    const token = `Bearer ${await bench.service.app.get(ServiceTokens).issue()}`;
    const everything = Array.from({ length: 50 }, () => deep);
    expect(await report(token, everything)).toBe(204);
    await look();
    expect(await list('?limit=200')).toHaveLength(30);
    expect(await report('Bearer ops', [])).toBeGreaterThanOrEqual(401);
    expect(await report(token, [{ ...deep, name: '' }])).toBe(400);
  });
});

describe('what gateways count of the answers to orders', () => {
  const minute = Math.floor(Date.now() / 60_000);
  const count = async (source: string, accepts: readonly object[]) => {
    const { statusCode, body } = await bench.service.app.inject({
      method: 'POST',
      url: '/internal/observations/accepts',
      headers: { authorization: `Bearer ${await bench.service.app.get(ServiceTokens).issue()}` },
      payload: { source, accepts },
    });
    return statusCode === 200 ? JSON.parse(body) : statusCode;
  };

  it('is known to all others, and to the next process, for six hours', async () => {
    const old = { minute: minute - 361, all: 9, bad: 9 };
    const before = { minute: minute - 1, all: 30, bad: 3 };
    expect(await count('one', [old, before, { minute, all: 1, bad: 0 }])).toEqual([]);
    expect(await count('one', [{ minute, all: 2, bad: 1 }])).toEqual([]);
    const known = [before, { minute, all: 2, bad: 1 }];
    expect(await count('two', [{ ...before, all: 10 }])).toEqual(known);
    expect(await count('three', [])).toEqual([{ ...before, all: 40, bad: 6 }, known[1]]);
  });

  it('is refused where it cannot be so', async () => {
    expect(await count('one', [{ minute, all: 1, bad: 2 }])).toBe(400);
    expect(await count('one', [{ minute: -1, all: 1, bad: 1 }])).toBe(400);
    expect(await count('', [])).toBe(400);
  });
});

describe('operators', () => {
  it('test a channel, and learn whether it takes an alert', async () => {
    const test = async (channel: string) => (await ops('POST', '/test', { channel })).body;
    expect(await test('log')).toEqual({ channel: 'log', status: 'sent', error: null });
    expect(await test('email')).toMatchObject({ status: 'not_configured' });
    expect(await test('slack')).toMatchObject({ status: 'sent' });
    // Alerts of the tests before may still be on their way.
    const texts = slack.received.map(({ body }) => JSON.parse(body).text);
    expect(texts).toContainEqual(expect.stringContaining('[test]'));
    status = 403;
    const failed = await test('slack');
    expect(failed).toMatchObject({ status: 'failed', error: expect.stringContaining('403') });
    expect(JSON.stringify(failed)).not.toContain(slack.url);
  });

  it('alone may see and do this, and only with what can be', async () => {
    const unknown = newId();
    expect((await ops('POST', `/${unknown}/acknowledge`)).status).toBe(404);
    for (const path of ['', '/silences'])
      expect((await bench.request('GET', `/alerts${path}`, 'ada')).status).toBe(403);
    const silence = { comment: 'x', endsAt: new Date(now.getTime() + hour).toISOString() };
    const day = 86_400_000;
    for (const [wrong, path] of [
      [{ ...silence, rule: 'no-such-rule' }, '/rule'],
      [{ ...silence, endsAt: now.toISOString() }, '/endsAt'],
      [{ ...silence, endsAt: new Date(now.getTime() + 31 * day).toISOString() }, '/endsAt'],
      [{ ...silence, comment: '' }, '/comment'],
      [{ ...silence, service: 'x'.repeat(101) }, '/service'],
    ] as const) {
      const { status: code, body } = await ops('POST', '/silences', wrong);
      expect([code, body.errors[0].path]).toEqual([400, path]);
    }
  });
});
