import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type RunningPaymentProvider, startPaymentProvider } from './start.ts';
import type { EventReceiver } from './webhooks.ts';

const orderId = '0198c0de-0000-7000-8000-000000000001';
const authorization = `${orderId}/authorize-payment`;
const body = { orderId, amount: 1999, currency: 'EUR', token: 'tok_visa' };

let folder: string;
let provider: RunningPaymentProvider;

const start = (webhooks?: EventReceiver) =>
  startPaymentProvider({
    dataFile: join(folder, 'ledger.jsonl'),
    apiKey: 'test-key',
    port: 0,
    ...(webhooks && { webhooks }),
  });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'payment-provider-'));
  provider = await start();
});
afterEach(async () => {
  await provider.close();
  await rm(folder, { recursive: true });
});

const call = (method: string, path: string, data?: unknown, headers: Record<string, string> = {}) =>
  fetch(`${provider.url}${path}`, {
    method,
    headers: {
      authorization: 'Bearer test-key',
      ...(data === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(data === undefined ? {} : { body: JSON.stringify(data) }),
    signal: AbortSignal.timeout(500),
  });
const authorize = (more: object = {}) =>
  call('POST', '/v1/authorizations', { ...body, ...more }, { 'idempotency-key': authorization });

describe('the provider over HTTP', () => {
  it('authorizes, captures, refunds, and shows it in its ledger', async () => {
    expect(await (await authorize()).json()).toMatchObject({ status: 'authorized' });
    const all = { authorization, amount: 1999, currency: 'EUR' };
    const captured = await call('POST', '/v1/captures', all, { 'idempotency-key': 'c' });
    expect(await captured.json()).toMatchObject({ status: 'captured' });
    const refunded = await call('POST', '/v1/refunds', all, { 'idempotency-key': 'r' });
    expect(await refunded.json()).toMatchObject({ status: 'refunded' });
    expect(await (await call('GET', '/ledger')).json()).toEqual({
      orders: [
        { orderId, authorized: 1999, captured: 1999, voided: 0, refunded: 1999, charges: 1 },
      ],
    });
  });

  it('loses the first answer of tok_timeout_then_success, although the charge happened', async () => {
    const token = 'tok_timeout_then_success';
    await expect(authorize({ token })).rejects.toThrow();
    expect(provider.ledger()).toMatchObject([{ authorized: 1999 }]);
    expect(await (await authorize({ token })).json()).toMatchObject({ status: 'authorized' });
    expect(provider.ledger()).toMatchObject([{ authorized: 1999, charges: 1 }]);
  });

  it('answers 500 first for tok_error_then_success, although the charge happened', async () => {
    const token = 'tok_error_then_success';
    expect((await authorize({ token })).status).toBe(500);
    expect(provider.ledger()).toMatchObject([{ authorized: 1999 }]);
    expect(await (await authorize({ token })).json()).toMatchObject({ status: 'authorized' });
  });

  it('cuts the connection for tok_unavailable every time, without a charge', async () => {
    await expect(authorize({ token: 'tok_unavailable' })).rejects.toThrow();
    await expect(authorize({ token: 'tok_unavailable' })).rejects.toThrow();
    expect(provider.ledger()).toEqual([]);
  });

  it('finds an operation by its id, and knows what it does not know', async () => {
    await authorize();
    const query = `/v1/operations?id=${encodeURIComponent(authorization)}`;
    expect(await (await call('GET', query)).json()).toMatchObject({ status: 'authorized' });
    expect((await call('GET', '/v1/operations?id=unknown')).status).toBe(404);
  });

  it.each([
    ['no key', { ...body }, {}, 400],
    ['an unknown property', { ...body, admin: true }, { 'idempotency-key': 'a' }, 400],
    ['a fraction', { ...body, amount: 1.5 }, { 'idempotency-key': 'a' }, 400],
    ['a negative amount', { ...body, amount: -1 }, { 'idempotency-key': 'a' }, 400],
    ['a wrong API key', { ...body }, { 'idempotency-key': 'a', authorization: 'Bearer no' }, 401],
  ])('refuses %s', async (_, data, headers, status) => {
    expect((await call('POST', '/v1/authorizations', data, headers)).status).toBe(status);
    expect(provider.ledger()).toEqual([]);
  });

  it('refuses a body that is no JSON, an unknown route, and a reused key', async () => {
    const malformed = await fetch(`${provider.url}/v1/voids`, {
      method: 'POST',
      headers: { authorization: 'Bearer test-key', 'content-type': 'application/json' },
      body: '{',
    });
    expect(malformed.status).toBe(400);
    expect((await call('GET', '/v1/nothing')).status).toBe(404);
    await authorize();
    expect((await authorize({ amount: 1 })).status).toBe(422);
  });
});

describe('the page on which a customer confirms a payment', () => {
  const page = (url: string, method = 'GET') => fetch(url, { method });
  const urlOfPage = async (more: object = {}) => {
    const { actionUrl } = (await (await authorize({ token: 'tok_3ds', ...more })).json()) as {
      actionUrl: string;
    };
    return actionUrl;
  };

  it('needs no key, offers both decisions, and shows the one that was made', async () => {
    const url = await urlOfPage();
    const asked = await page(url);
    expect(asked.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const text = await asked.text();
    expect(text).toContain('19.99 EUR');
    expect(text.match(/action="[^"]+"/g)).toEqual(
      ['approve', 'decline'].map((each) => `action="${new URL(url).pathname}/${each}"`),
    );
    const done = await page(`${url}/approve`, 'POST');
    expect([done.redirected, done.url]).toEqual([true, url]);
    expect(await done.text()).toContain('You have approved this payment.');
    expect(await (await authorize({ token: 'tok_3ds' })).json()).toMatchObject({
      status: 'authorized',
    });
  });

  it.each([
    ['JPY', 'amount">1999 JPY'],
    ['KWD', 'amount">1.999 KWD'],
  ])('shows an amount as its currency is written: %s', async (currency, shown) => {
    expect(await (await page(await urlOfPage({ currency }))).text()).toContain(shown);
  });

  it('knows only payments that must be confirmed', async () => {
    const { chargeId } = (await (await authorize()).json()) as { chargeId: string };
    for (const id of [chargeId, 'ch_1', '%00']) {
      expect((await page(`${provider.url}/challenges/${id}`)).status).toBe(404);
      expect((await page(`${provider.url}/challenges/${id}/approve`, 'POST')).status).toBe(404);
    }
  });
});

describe('faults', () => {
  const put = (faults: object) => call('PUT', '/faults', faults);

  it('can be asked for and ended', async () => {
    await put({ down: true });
    await expect(authorize()).rejects.toThrow();
    await put({ errorShare: 1, errorStatus: 429 });
    const limited = await authorize();
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '1']);
    expect(provider.ledger()).toEqual([]);
    await put({ lostAnswerShare: 1 });
    await expect(authorize()).rejects.toThrow();
    expect(provider.ledger()).toMatchObject([{ authorized: 1999 }]);
    await put({ duplicates: true });
    expect((await authorize()).status).toBe(200);
    expect(provider.ledger()).toMatchObject([{ charges: 1 }]);
    expect((await put({ unheardOf: 1 })).status).toBe(400);
  });
});

describe('webhooks', () => {
  it('are signed, and sent again until they are taken', async () => {
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const received: { headers: Record<string, unknown>; text: string }[] = [];
    const listener = createServer(async (request, response) => {
      const chunks = await request.toArray();
      received.push({ headers: request.headers, text: Buffer.concat(chunks).toString() });
      response.writeHead(received.length === 1 ? 500 : 204).end();
      listener.emit('received');
    }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    await provider.close();
    provider = await start({
      url: `http://127.0.0.1:${port}/hook`,
      secret,
      events: ['charge.voided'],
    });

    await authorize();
    await call('POST', '/v1/voids', { authorization });
    while (received.length < 2) await once(listener, 'received');
    listener.close();

    const [first, second] = received as [(typeof received)[0], (typeof received)[0]];
    expect(second.text).toBe(first.text);
    expect(JSON.parse(first.text)).toMatchObject({
      type: 'charge.voided',
      data: { orderId, amount: 1999 },
    });
    const {
      'webhook-id': id,
      'webhook-timestamp': at,
      'webhook-signature': signed,
    } = second.headers;
    const expected = createHmac('sha256', Buffer.alloc(32, 7)).update(`${id}.${at}.${second.text}`);
    expect(signed).toBe(`v1,${expected.digest('base64')}`);
  });
});
