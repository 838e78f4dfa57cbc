import { createHmac, randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type DataOf, FindDataKeys, newId, type OrderAnnounced } from '@waybill/contracts';
import { embeddedBroker } from '@waybill/embedded-broker';
import { type Envelope, oneBroker } from '@waybill/messaging';
import { eventually } from '@waybill/persistence/testing';
import { type RunningService, startService } from '@waybill/service';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import { Work } from '@waybill/work-queue';
import { Webhook } from 'standardwebhooks';
import { DataSource } from 'typeorm';
import { WebhookConsumer } from './messages/webhook.consumer.ts';
import { WebhookSender } from './messages/webhook.sender.ts';
import { NotificationModule } from './notification.module.ts';
import { notificationInvariants } from './storage/notification.invariants.ts';
import { notificationStorage } from './storage/notification.storage.ts';
import { WebhookRepository } from './storage/webhook.repository.ts';
import { webhookQueue } from './storage/webhook-delivery.repository.ts';

const broker = embeddedBroker();
const closings: (() => void)[] = [];
let database: TestDatabase;
let service: RunningService;

beforeAll(async () => {
  database = await testDatabase(notificationStorage);
  const key = randomBytes(32).toString('base64url');
  await broker.respond(FindDataKeys as never, async () => ({ keys: [{ version: 1, key }] }));
  service = await startService(NotificationModule, {
    brokers: oneBroker(broker),
    migrate: true,
    listen: null,
    tokenVerifier: {
      verify: (token) => ({
        id: token,
        name: token,
        email: `${token}@example.com`,
        roles: [token === 'ops' ? 'operator' : 'customer'],
      }),
    },
    env: {
      DATABASE_URL: database.url,
      LOG_LEVEL: 'silent',
      WEBHOOKS_PER_OWNER: '3',
      WEBHOOK_TIMEOUT: '60s',
    },
  });
}, 60_000);
beforeEach(() => database.pool.query('truncate webhooks, webhook_deliveries, work_job'));
afterEach(async () => {
  expect(await notificationInvariants(database.dataSource)).toEqual([]);
  for (const close of closings.splice(0)) close();
});
afterAll(async () => {
  await service?.close();
  await broker.close();
  await database?.close();
});

async function call(
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  as: string,
  payload?: object,
) {
  const response = await service.app.inject({
    method,
    url: `/api/v1/webhooks${path}`,
    headers: { authorization: `Bearer ${as}` },
    ...(payload ? { payload } : {}),
  });
  return {
    status: response.statusCode,
    body: response.body === '' ? undefined : response.json(),
  };
}

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Answer = (response: ServerResponse, count: number) => unknown;
const fine: Answer = (response) => response.writeHead(204).end();
const status =
  (...codes: number[]): Answer =>
  (response, count) =>
    response.writeHead(codes[Math.min(count, codes.length) - 1] ?? 200).end('not to be kept');

/** An endpoint on this machine, and what it has received. */
async function receiver(answer: Answer = fine) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    answer(response, received.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closings.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const has = (count: number) => eventually(async () => received.length >= count);
  return { url, received, has };
}

const events = ['order.confirmed', 'order.shipped'];

async function subscribe(url: string, as = 'ada', more: object = {}) {
  const { status: code, body } = await call('POST', '', as, { url, events, ...more });
  expect([code, body]).toMatchObject([201, { url, secret: expect.stringMatching(/^whsec_/) }]);
  return body as { readonly id: string; readonly secret: string };
}

type Announced = DataOf<typeof OrderAnnounced>;
const announced = (change: Partial<Announced> = {}) => ({
  id: newId(),
  data: {
    orderId: newId(),
    number: 'W-1001',
    status: 'confirmed',
    reason: null,
    customer: { id: 'ada', name: 'Ada Lovelace', email: 'ada@example.com' },
    lines: [{ sku: 'MUG', quantity: 2 }],
    total: { amount: 2_580, currency: 'EUR' },
    shippingMethod: 'standard',
    country: 'DE',
    at: '2026-01-01T00:00:00.000Z',
    ...change,
  } as Announced,
});
const announce = (...all: ReturnType<typeof announced>[]) =>
  service.app
    .get(WebhookConsumer)
    .announced()
    .write(all as unknown as Envelope[]);

const deliveries = async (id: string, as = 'ada') =>
  (await call('GET', `/${id}/deliveries`, as)).body.items as { id: string; status: string }[];
const detail = async (id: string, deliveryId: string, as = 'ada') =>
  (await call('GET', `/${id}/deliveries/${deliveryId}`, as)).body;
const becomes = (id: string, ...expected: string[]) =>
  eventually(async () => {
    const found = await deliveries(id);
    return String(found.map((each) => each.status)) === String(expected);
  });

/** What waits for a webhook is due now. */
async function hurry(id: string): Promise<void> {
  await database.pool.query(
    `update webhook_deliveries set due_at = now() - interval '1s' where webhook_id = $1`,
    [id],
  );
  await database.pool.query('update webhooks set paused_until = null where id = $1', [id]);
  await service.app
    .get(DataSource)
    .transaction((manager) => service.app.get(Work).add(manager, { queue: webhookQueue, key: id }));
}

describe('webhooks', () => {
  it('get the signed events of the own orders, those of operators all, once for each announcement', async () => {
    const [ofAda, ofGrace, ofOps] = await Promise.all([receiver(), receiver(), receiver()]);
    const ada = await subscribe(ofAda.url);
    await subscribe(ofGrace.url, 'grace');
    const ops = await subscribe(ofOps.url, 'ops');
    const confirmed = announced();
    const delivered = announced({ status: 'delivered' });
    await announce(confirmed, delivered, confirmed);
    await announce(confirmed);
    await Promise.all([becomes(ada.id, 'delivered'), ofOps.has(1)]);

    const { orderId } = confirmed.data;
    for (const [{ received }, { secret }] of [
      [ofAda, ada],
      [ofOps, ops],
    ] as const) {
      expect(received).toHaveLength(1);
      const { headers, body } = received[0] as Received;
      const expected = {
        type: 'order.confirmed',
        timestamp: '2026-01-01T00:00:00.000Z',
        data: { orderId, number: 'W-1001', customerId: 'ada', status: 'confirmed' },
      };
      expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toEqual(expected);
      expect(body).not.toMatch(/Lovelace|example\.com/);
    }
    expect(ofGrace.received).toEqual([]);
    const [only] = await deliveries(ada.id);
    expect(only?.id).toBe(ofAda.received[0]?.headers['webhook-id']);
  });

  it('are retried under the same id until they are taken, and tell how each try went', async () => {
    const { url, received } = await receiver(status(500, 204));
    const { id } = await subscribe(url);
    await announce(announced());
    await becomes(id, 'delivered');

    const ids = received.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(1);
    const found = await detail(id, ids[0] as string);
    expect(found.attempts).toMatchObject([{ status: 500 }, { status: 204, failure: null }]);
    expect(found).toMatchObject({
      request: { url, body: received[0]?.body, headers: { 'webhook-id': ids[0] } },
      response: { status: 204, bytes: 0 },
      nextAttemptAt: null,
    });
    const { rows } = await database.pool.query('select * from webhook_deliveries');
    expect(JSON.stringify([rows, found])).not.toMatch(/not to be kept|whsec_|v1,/);
  });

  it('that fail can be delivered again', async () => {
    const { url, received, has } = await receiver(status(500, 500, 200));
    const { id } = await subscribe(url);
    await announce(announced());
    await has(1);
    const deliveryId = (await deliveries(id))[0]?.id ?? '';
    const again = () => call('POST', `/${id}/deliveries/${deliveryId}/redeliver`, 'ada');
    await eventually(async () => (await detail(id, deliveryId)).attempts.length === 1);
    expect(await again()).toMatchObject({ status: 202, body: { status: 'pending' } });
    await has(2);
    await eventually(async () => (await detail(id, deliveryId)).attempts.length === 2);
    expect((await again()).status).toBe(202);
    await becomes(id, 'delivered');
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  it('can be tested', async () => {
    const { url, received } = await receiver();
    const { id } = await subscribe(url);
    const { status: code, body } = await call('POST', `/${id}/test`, 'ada');
    expect([code, body]).toMatchObject([202, { type: 'webhook.test', status: 'pending' }]);
    await becomes(id, 'delivered');
    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({
      type: 'webhook.test',
      data: { webhookId: id },
    });
  });

  it('whose endpoint is gone are disabled, until their owner enables them', async () => {
    const { url } = await receiver(status(410, 200));
    const { id } = await subscribe(url);
    await announce(announced());
    await becomes(id, 'failed');
    expect((await call('GET', `/${id}`, 'ada')).body).toMatchObject({
      enabled: false,
      disabledReason: 'gone',
    });
    await announce(announced());
    const [first] = await deliveries(id);
    const again = () => call('POST', `/${id}/deliveries/${first?.id}/redeliver`, 'ada');
    for (const refused of [await again(), await call('POST', `/${id}/test`, 'ada')])
      expect(refused).toMatchObject({ status: 409, body: { code: 'webhook_disabled' } });
    expect((await call('PATCH', `/${id}`, 'ada', { enabled: true })).body).toMatchObject({
      enabled: true,
    });
    expect((await again()).status).toBe(202);
    await becomes(id, 'delivered');
  });

  it('whose endpoint has failed for days are disabled', async () => {
    const { url, has } = await receiver(status(503));
    const { id } = await subscribe(url);
    await announce(announced());
    await has(1);
    await eventually(async () => (await call('GET', `/${id}`, 'ada')).body.failingSince !== null);
    await database.pool.query(`update webhooks set failing_since = now() - interval '6 days'`);
    await hurry(id);
    await becomes(id, 'failed');
    expect((await call('GET', `/${id}`, 'ada')).body).toMatchObject({ disabledReason: 'failing' });
  });

  it('wait for as long as their endpoint wants', async () => {
    const { url } = await receiver((response) =>
      response.writeHead(429, { 'retry-after': '3600' }).end(),
    );
    const { id } = await subscribe(url);
    const before = Date.now();
    await announce(announced());
    await eventually(async () => (await call('GET', `/${id}`, 'ada')).body.failingSince !== null);
    const [only] = (await deliveries(id)) as unknown as [{ nextAttemptAt: string }];
    expect(Date.parse(only.nextAttemptAt) - before).toBeGreaterThanOrEqual(3_600_000 - 1_000);
  });

  it('are not redirected', async () => {
    const elsewhere = await receiver();
    const { url } = await receiver((response) =>
      response.writeHead(307, { location: elsewhere.url }).end(),
    );
    const { id } = await subscribe(url);
    await announce(announced());
    await eventually(async () => (await call('GET', `/${id}`, 'ada')).body.failingSince !== null);
    const [only] = await deliveries(id);
    expect((await detail(id, only?.id ?? '')).response).toMatchObject({ status: 307 });
    expect(elsewhere.received).toEqual([]);
  });

  it('arrive while another endpoint hangs, however much waits for that', async () => {
    const hanging = await receiver(() => undefined);
    const well = await receiver();
    await subscribe(hanging.url, 'grace');
    const { id } = await subscribe(well.url);
    const ofGrace = { customer: { id: 'grace', name: '', email: '' } };
    await announce(...Array.from({ length: 100 }, () => announced(ofGrace)));
    await hanging.has(5);
    await announce(announced());
    await becomes(id, 'delivered');
    // No more than five at a time, all of which hang.
    expect(hanging.received).toHaveLength(5);
  });

  it('are signed with both secrets while they are rotated', async () => {
    const { url, received, has } = await receiver();
    const { id, secret: before } = await subscribe(url);
    const rotated = await call('POST', `/${id}/rotate`, 'ada');
    expect(rotated).toMatchObject({ status: 200, body: { id } });
    const { secret: after } = rotated.body;
    const isSigned = (count: number, secret: string): boolean => {
      const { headers, body } = received[count - 1] as Received;
      try {
        new Webhook(secret).verify(body, headers as Record<string, string>);
        return true;
      } catch {
        return false;
      }
    };
    await announce(announced());
    await has(1);
    expect([before, after].map((secret) => isSigned(1, secret))).toEqual([true, true]);
    await database.pool.query(`update webhooks set previous_secret_until = now() - interval '1s'`);
    await announce(announced());
    await has(2);
    expect([before, after].map((secret) => isSigned(2, secret))).toEqual([false, true]);
    await service.app.get(WebhookSender).endRotations();
    const { rows } = await database.pool.query('select previous_secret, secret from webhooks');
    expect(rows).toEqual([{ previous_secret: null, secret: expect.not.stringMatching('whsec_') }]);
    expect((await call('POST', `/${id}/rotate`, 'ops')).status).toBe(403);
  });

  it('may be signed in the older way', async () => {
    const { url, received } = await receiver();
    const { id, secret } = await subscribe(url, 'ada', { scheme: 'legacy' });
    await announce(announced());
    await becomes(id, 'delivered');
    const { headers, body } = received[0] as Received;
    const signed = `${headers['x-webhook-timestamp']}.${body}`;
    expect(headers['x-webhook-signature']).toBe(
      `sha256=${createHmac('sha256', secret).update(signed).digest('hex')}`,
    );
    expect(headers['webhook-signature']).toBeUndefined();
  });

  it('are as many as an owner may have, also when they are made at once', async () => {
    const make = () =>
      call('POST', '', 'ada', { url: 'https://hooks.example/', events: ['order.shipped'] });
    const made = await Promise.all(Array.from({ length: 8 }, make));
    expect(made.map((each) => each.status).sort()).toEqual([
      201, 201, 201, 409, 409, 409, 409, 409,
    ]);
    expect((await call('GET', '', 'ada')).body.items).toHaveLength(3);
    expect((await call('GET', '', 'grace')).body.items).toHaveLength(0);
  });

  it('are changed and removed with what waits for them', async () => {
    const { url } = await receiver(status(500));
    const { id } = await subscribe(url);
    await announce(announced());
    const change = { description: 'shop', events: ['order.refunded'], enabled: false };
    expect(await call('PATCH', `/${id}`, 'ada', change)).toMatchObject({
      status: 200,
      body: { ...change, disabledReason: 'owner', url },
    });
    await becomes(id, 'failed');
    expect((await call('DELETE', `/${id}`, 'ada')).status).toBe(204);
    expect((await call('DELETE', `/${id}`, 'ada')).status).toBe(404);
    const { rows } = await database.pool.query('select * from webhook_deliveries');
    expect(rows).toEqual([]);
  });

  it('of a customer are shown to operators, without where they lead unless there is a reason', async () => {
    const { url } = await receiver();
    const { id } = await subscribe(url);
    expect((await call('GET', `/${id}`, 'ops')).body).toMatchObject({ id, url: '***' });
    const because = await call('GET', `/${id}?reason=it%20floods%20us`, 'ops');
    expect(because.body).toMatchObject({ url });
    const { rows } = await database.pool.query('select * from webhooks');
    expect(JSON.stringify(rows)).not.toContain('127.0.0.1');
  });

  it('of an erased customer are forgotten', async () => {
    const { url } = await receiver(status(500));
    const { id } = await subscribe(url);
    await announce(announced());
    const data = { customerId: 'ada', at: '2026-01-01T00:00:00.000Z' };
    await service.app
      .get(WebhookConsumer)
      .erased()
      .write([{ id: newId(), data }] as unknown as Envelope[]);
    expect(await service.app.get(WebhookRepository).find(id)).toBeUndefined();
    await announce(announced());
    const { rows } = await database.pool.query('select * from webhook_deliveries');
    expect(rows).toEqual([]);
  });

  it.each([
    [{ url: 'http://example.com/' }, 422, 'endpoint_refused'],
    [{ url: 'https://10.0.0.1/' }, 422, 'endpoint_refused'],
    [{ url: 'https://[::ffff:169.254.169.254]/' }, 422, 'endpoint_refused'],
    [{ url: 'ftp://example.com/' }, 400, 'invalid_request'],
    [{ url: `https://example.com/${'x'.repeat(2_000)}` }, 400, 'invalid_request'],
    [{ url: 7 }, 400, 'invalid_request'],
    [{ events: [] }, 400, 'invalid_request'],
    [{ events: ['order.placed'] }, 400, 'invalid_request'],
    [{ events: ['order.shipped', 'order.shipped'] }, 400, 'invalid_request'],
    [{ description: 'x'.repeat(201) }, 400, 'invalid_request'],
    [{ description: 'a\nb' }, 400, 'invalid_request'],
    [{ scheme: 'none' }, 400, 'invalid_request'],
    [{ secret: 'whsec_mine' }, 400, 'invalid_request'],
  ])('are refused with %j', async (change, code, problem) => {
    const body = { url: 'https://example.com/', events, ...change };
    expect(await call('POST', '', 'ada', body)).toMatchObject({
      status: code,
      body: { code: problem, errors: [{ path: expect.any(String) }] },
    });
  });
});
