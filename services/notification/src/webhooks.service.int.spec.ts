import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@waybill/contracts';
import type { Envelope } from '@waybill/messaging';
import { Webhook } from 'standardwebhooks';
import { WebhookConsumer } from './messages/webhook.consumer.ts';
import { WebhookSender } from './messages/webhook.sender.ts';
import { notificationInvariants } from './storage/notification.invariants.ts';
import { WebhookRepository } from './storage/webhook.repository.ts';
import {
  announced,
  eventually,
  type Received,
  status,
  WebhookBench,
} from './testing/webhook-bench.ts';

let bench: WebhookBench;
beforeAll(async () => {
  bench = await WebhookBench.start({
    WEBHOOKS_PER_OWNER: '3',
    WEBHOOK_TIMEOUT: '60s',
    WEBHOOK_ROTATION_OVERLAP: '3h',
  });
}, 60_000);
beforeEach(() => bench.clear());
afterEach(async () => {
  expect(await notificationInvariants(bench.database.dataSource)).toEqual([]);
  bench.closeEndpoints();
});
afterAll(() => bench?.close());

describe('webhooks', () => {
  it('get the signed events of the own orders, those of operators all, once for each announcement', async () => {
    const [ofAda, ofGrace, ofOps] = await Promise.all([
      bench.endpoint(),
      bench.endpoint(),
      bench.endpoint(),
    ]);
    const ada = await bench.subscribe(ofAda.url);
    await bench.subscribe(ofGrace.url, 'grace');
    const ops = await bench.subscribe(ofOps.url, 'ops');
    const confirmed = announced();
    const delivered = announced({ status: 'delivered' });
    await bench.announce(confirmed, delivered, confirmed);
    await bench.announce(confirmed);
    await Promise.all([bench.becomes(ada.id, 'delivered'), ofOps.has(1)]);
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
    const [only] = await bench.deliveries(ada.id);
    expect(only?.id).toBe(ofAda.received[0]?.headers['webhook-id']);
  });

  it('are retried under the same id until they are taken, and tell how each try went', async () => {
    const { url, received } = await bench.endpoint(status(500, 204));
    const { id } = await bench.subscribe(url);
    await bench.announce(announced());
    await bench.fails(id);
    await bench.hurry(id);
    await bench.becomes(id, 'delivered');
    const ids = received.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(1);
    const found = await bench.detail(id, ids[0] as string);
    expect(found.attempts).toMatchObject([{ status: 500 }, { status: 204, failure: null }]);
    expect(found).toMatchObject({
      request: { url, body: received[0]?.body, headers: { 'webhook-id': ids[0] } },
      response: { status: 204, bytes: 0 },
      nextAttemptAt: null,
    });
    const { rows } = await bench.database.pool.query('select * from webhook_deliveries');
    expect(JSON.stringify([rows, found])).not.toMatch(/not to be kept|whsec_|v1,/);
  });

  it('that fail can be delivered again', async () => {
    const { url, received, has } = await bench.endpoint(status(500, 500, 200));
    const { id } = await bench.subscribe(url);
    await bench.announce(announced());
    await has(1);
    const deliveryId = (await bench.deliveries(id))[0]?.id ?? '';
    const again = () => bench.call('POST', `/${id}/deliveries/${deliveryId}/redeliver`, 'ada');
    await eventually(async () => (await bench.detail(id, deliveryId)).attempts.length === 1);
    expect(await again()).toMatchObject({ status: 202, body: { status: 'pending' } });
    await has(2);
    await eventually(async () => (await bench.detail(id, deliveryId)).attempts.length === 2);
    expect((await again()).status).toBe(202);
    await bench.becomes(id, 'delivered');
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  it('can be tested', async () => {
    const { url, received } = await bench.endpoint();
    const { id } = await bench.subscribe(url);
    const { status: code, body } = await bench.call('POST', `/${id}/test`, 'ada');
    expect([code, body]).toMatchObject([202, { type: 'webhook.test', status: 'pending' }]);
    await bench.becomes(id, 'delivered');
    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({
      type: 'webhook.test',
      data: { webhookId: id },
    });
  });

  it('whose endpoint is gone are disabled, until their owner enables them', async () => {
    const { url } = await bench.endpoint(status(410, 200));
    const { id } = await bench.subscribe(url);
    await bench.announce(announced());
    await bench.becomes(id, 'failed');
    expect(await bench.webhook(id)).toMatchObject({
      enabled: false,
      disabledReason: 'gone',
    });
    await bench.announce(announced());
    const [first] = await bench.deliveries(id);
    const again = () => bench.call('POST', `/${id}/deliveries/${first?.id}/redeliver`, 'ada');
    for (const refused of [await again(), await bench.call('POST', `/${id}/test`, 'ada')])
      expect(refused).toMatchObject({ status: 409, body: { code: 'webhook_disabled' } });
    expect((await bench.call('PATCH', `/${id}`, 'ada', { enabled: true })).body).toMatchObject({
      enabled: true,
    });
    expect((await again()).status).toBe(202);
    await bench.becomes(id, 'delivered');
  });

  it('whose endpoint has failed for days are disabled', async () => {
    const { url, has } = await bench.endpoint(status(503));
    const { id } = await bench.subscribe(url);
    await bench.announce(announced());
    await has(1);
    await bench.fails(id);
    await bench.database.pool.query(
      `update webhooks set failing_since = now() - interval '6 days'`,
    );
    await bench.hurry(id);
    await bench.becomes(id, 'failed');
    expect(await bench.webhook(id)).toMatchObject({ disabledReason: 'failing' });
  });

  it('wait for as long as their endpoint wants', async () => {
    const { url } = await bench.endpoint((response) =>
      response.writeHead(429, { 'retry-after': '3600' }).end(),
    );
    const { id } = await bench.subscribe(url);
    const before = Date.now();
    await bench.announce(announced());
    await bench.fails(id);
    const [only] = await bench.deliveries(id);
    expect(Date.parse(only?.nextAttemptAt ?? '') - before).toBeGreaterThanOrEqual(
      3_600_000 - 1_000,
    );
  });

  it('are not redirected', async () => {
    const elsewhere = await bench.endpoint();
    const { url } = await bench.endpoint((response) =>
      response.writeHead(307, { location: elsewhere.url }).end(),
    );
    const { id } = await bench.subscribe(url);
    await bench.announce(announced());
    await bench.fails(id);
    const [only] = await bench.deliveries(id);
    expect((await bench.detail(id, only?.id ?? '')).response).toMatchObject({ status: 307 });
    expect(elsewhere.received).toEqual([]);
  });

  it('arrive while another endpoint hangs, however much waits for that', async () => {
    const hanging = await bench.endpoint(() => undefined);
    const well = await bench.endpoint();
    await bench.subscribe(hanging.url, 'grace');
    const { id } = await bench.subscribe(well.url);
    const ofGrace = { customer: { id: 'grace', name: '', email: '' } };
    await bench.announce(...Array.from({ length: 100 }, () => announced(ofGrace)));
    await hanging.has(5);
    await bench.announce(announced());
    await bench.becomes(id, 'delivered');
    // No more than five at a time, all of which hang.
    expect(hanging.received).toHaveLength(5);
  });

  it('are signed with both secrets while they are rotated', async () => {
    const { url, received, has } = await bench.endpoint();
    const { id, secret: before } = await bench.subscribe(url);
    const begun = Date.now();
    const rotated = await bench.call('POST', `/${id}/rotate`, 'ada');
    expect(rotated).toMatchObject({ status: 200, body: { id } });
    const { secret: after, previousSecretUntil } = rotated.body;
    const overlap = 3 * 3_600_000;
    expect(Date.parse(previousSecretUntil)).toBeGreaterThanOrEqual(begun + overlap);
    expect(Date.parse(previousSecretUntil)).toBeLessThanOrEqual(Date.now() + overlap);
    const isSigned = (count: number, secret: string): boolean => {
      const { headers, body } = received[count - 1] as Received;
      try {
        new Webhook(secret).verify(body, headers as Record<string, string>);
        return true;
      } catch {
        return false;
      }
    };
    await bench.announce(announced());
    await has(1);
    expect([before, after].map((secret) => isSigned(1, secret))).toEqual([true, true]);
    await bench.database.pool.query(
      `update webhooks set previous_secret_until = now() - interval '1s'`,
    );
    await bench.announce(announced());
    await has(2);
    expect([before, after].map((secret) => isSigned(2, secret))).toEqual([false, true]);
    await bench.service.app.get(WebhookSender).endRotations();
    const { rows } = await bench.database.pool.query(
      'select previous_secret, secret from webhooks',
    );
    expect(rows).toEqual([{ previous_secret: null, secret: expect.not.stringMatching('whsec_') }]);
    expect((await bench.call('POST', `/${id}/rotate`, 'ops')).status).toBe(403);
  });

  it('may be signed in the older way', async () => {
    const { url, received } = await bench.endpoint();
    const { id, secret } = await bench.subscribe(url, 'ada', { scheme: 'legacy' });
    await bench.announce(announced());
    await bench.becomes(id, 'delivered');
    const { headers, body } = received[0] as Received;
    const signed = `${headers['x-webhook-timestamp']}.${body}`;
    expect(headers['x-webhook-signature']).toBe(
      `sha256=${createHmac('sha256', secret).update(signed).digest('hex')}`,
    );
    expect(headers['webhook-signature']).toBeUndefined();
  });

  it('are as many as an owner may have, also when they are made at once', async () => {
    const make = () =>
      bench.call('POST', '', 'ada', { url: 'https://hooks.example/', events: ['order.shipped'] });
    const made = await Promise.all(Array.from({ length: 8 }, make));
    expect(made.map((each) => each.status).sort()).toEqual([
      201, 201, 201, 409, 409, 409, 409, 409,
    ]);
    expect((await bench.call('GET', '', 'ada')).body.items).toHaveLength(3);
    expect((await bench.call('GET', '', 'grace')).body.items).toHaveLength(0);
  });

  it('are changed and removed with what waits for them', async () => {
    const { url } = await bench.endpoint(status(500));
    const { id } = await bench.subscribe(url);
    await bench.announce(announced());
    const change = { description: 'shop', events: ['order.refunded'], enabled: false };
    expect(await bench.call('PATCH', `/${id}`, 'ada', change)).toMatchObject({
      status: 200,
      body: { ...change, disabledReason: 'owner', url },
    });
    await bench.becomes(id, 'failed');
    expect((await bench.call('DELETE', `/${id}`, 'ada')).status).toBe(204);
    expect((await bench.call('DELETE', `/${id}`, 'ada')).status).toBe(404);
    const { rows } = await bench.database.pool.query('select * from webhook_deliveries');
    expect(rows).toEqual([]);
  });

  it('of a customer are shown to operators, without where they lead unless there is a reason', async () => {
    const { url } = await bench.endpoint();
    const { id } = await bench.subscribe(url);
    expect((await bench.call('GET', `/${id}`, 'ops')).body).toMatchObject({ id, url: '***' });
    const because = await bench.call('GET', `/${id}?reason=it%20floods%20us`, 'ops');
    expect(because.body).toMatchObject({ url });
    const { rows } = await bench.database.pool.query('select * from webhooks');
    expect(JSON.stringify(rows)).not.toContain('127.0.0.1');
  });

  it('of an erased customer are forgotten', async () => {
    const { url } = await bench.endpoint(status(500));
    const { id } = await bench.subscribe(url);
    await bench.announce(announced());
    const data = { customerId: 'ada', at: '2026-01-01T00:00:00.000Z' };
    await bench.service.app
      .get(WebhookConsumer)
      .erased()
      .write([{ id: newId(), data }] as unknown as Envelope[]);
    expect(await bench.service.app.get(WebhookRepository).find(id)).toBeUndefined();
    await bench.announce(announced());
    const { rows } = await bench.database.pool.query('select * from webhook_deliveries');
    expect(rows).toEqual([]);
  });
});
