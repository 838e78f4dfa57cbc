import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@waybill/messaging/testing';
import { Resilience } from '@waybill/resilience';
import { paymentConfig } from '../payment.config.ts';
import { type Answering, AnsweringProvider, json, text } from '../testing/answering-provider.ts';
import { orderId, total } from '../testing/payments.fixture.ts';
import { SandboxPaymentClient } from './sandbox-payment.client.ts';

const operationId = `${orderId}/authorize-payment`;
const request = { operationId, orderId, amount: total, token: 'tok_visa' };
const charge = { authorization: operationId, chargeId: 'ch_1', amount: total };
const authorized = {
  operationId,
  status: 'authorized',
  amount: 1999,
  currency: 'EUR',
  chargeId: 'ch_1',
  reason: null,
};

let provider: AnsweringProvider;
let client: SandboxPaymentClient;
let resilience: Resilience;

beforeEach(async () => {
  provider = await AnsweringProvider.start();
  resilience = new Resilience();
  client = new SandboxPaymentClient({ url: provider.url, apiKey: 'a-key', calls: 4 }, resilience);
});
afterEach(async () => {
  await client.close();
  provider.close();
});

describe('the client of the sandbox', () => {
  it('calls it as often at once as PAYMENT_PROVIDER_CALLS says', async () => {
    await client.close();
    const settings = { PAYMENT_PROVIDER_URL: provider.url, PAYMENT_PROVIDER_CALLS: '3' };
    client = new SandboxPaymentClient(paymentConfig.parse(settings).provider, new Resilience());
    const waiting: (() => void)[] = [];
    provider.answer = (...call) => waiting.push(() => json(authorized)(...call));
    const calls = Promise.all(Array.from({ length: 7 }, () => client.authorize(request)));
    for (const most of [3, 3, 1]) {
      await until(() => waiting.length === most);
      for (const answer of waiting.splice(0)) answer();
    }
    expect(await calls).toHaveLength(7);
  });

  it('asks with its operation id as idempotency key, and reads the answer', async () => {
    let seen: unknown;
    provider.answer = (incoming, response, body) => {
      const { authorization, 'idempotency-key': key } = incoming.headers;
      seen = [incoming.url, authorization, key, JSON.parse(body)];
      json({ ...authorized, addedLater: true })(incoming, response, body);
    };
    const { operationId: _, ...expected } = authorized;
    expect(await client.authorize(request)).toEqual(expected);
    expect(seen).toEqual([
      '/v1/authorizations',
      'Bearer a-key',
      operationId,
      { orderId, amount: 1999, currency: 'EUR', token: 'tok_visa' },
    ]);
  });

  it('reads what has become of an authorization, without a body', async () => {
    const asked = { ...authorized, status: 'requires_action', amount: 0 };
    const actionUrl = 'https://provider.example/challenges/ch_1';
    let seen: unknown;
    provider.answer = (incoming, response, body) => {
      seen = [incoming.method, incoming.url, body];
      json({ ...asked, actionUrl })(incoming, response, body);
    };
    const found = await client.findAuthorization(charge);
    expect(found).toMatchObject({ status: 'requires_action', actionUrl });
    expect(seen).toEqual(['GET', `/v1/operations?id=${encodeURIComponent(operationId)}`, '']);
    for (const wrong of [
      asked,
      { ...asked, actionUrl: 'javascript:alert(1)' },
      { ...authorized, amount: 1 },
    ]) {
      provider.answer = json(wrong);
      await expect(client.findAuthorization(charge)).rejects.toMatchObject({
        code: 'provider_unreachable',
      });
    }
  });

  it.each<[string, Answering]>([
    ['a cut connection', (_, response) => response.destroy()],
    [
      'an answer that ends too early',
      (_, response) => {
        response.writeHead(200, { 'content-length': '500' });
        response.write('{');
        response.destroy();
      },
    ],
    ['a server error', json({}, 500)],
    ['a wrong key', json({}, 401)],
    ['too many requests', json({}, 429)],
    [
      'a redirect',
      (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    ],
    ['no JSON', text('<html>')],
    ['NaN', text('{"amount":NaN}')],
    ['an empty body', text('')],
    ['null', json(null)],
    ['a wrong type', json({ ...authorized, amount: '1999' })],
    ['a negative amount', json({ ...authorized, amount: -1999 })],
    ['a fraction', json({ ...authorized, amount: 19.99 })],
    ['a number beyond all money', json({ ...authorized, amount: 1e308 })],
    ['an unknown status', json({ ...authorized, status: 'maybe' })],
    ['another operation', json({ ...authorized, operationId: 'other' })],
    ['another amount', json({ ...authorized, amount: 1 })],
    ['another currency', json({ ...authorized, currency: 'USD' })],
    ['U+0000 in a text', json({ ...authorized, chargeId: 'ch_\u0000' })],
    ['10 MB', text(`"${'x'.repeat(10_000_000)}"`)],
  ])('takes %s for an unknown outcome', async (_, hostile) => {
    provider.answer = hostile;
    await expect(client.authorize(request)).rejects.toMatchObject({
      code: 'provider_unreachable',
      retriable: true,
    });
  });

  it.each([400, 422])('takes %d for a rejection that no repeat can help', async (status) => {
    provider.answer = json({ code: 'invalid_request' }, status);
    await expect(client.authorize(request)).rejects.toMatchObject({
      code: 'provider_rejected',
      retriable: false,
    });
  });

  it('stops asking a provider that only fails, without counting an attempt', async () => {
    provider.answer = json({}, 503);
    for (let i = 0; i < 20; i += 1) await client.authorize(request).catch(() => undefined);
    await expect(client.authorize(request)).rejects.toMatchObject({ countsAsAttempt: false });
    expect(resilience.pipelines().map((each) => each.state())).toEqual(['open']);
  });

  it('never counts a declined card against the provider', async () => {
    provider.answer = json({
      ...authorized,
      status: 'declined',
      amount: 0,
      reason: 'card_declined',
    });
    for (let i = 0; i < 30; i += 1) {
      expect(await client.authorize(request)).toMatchObject({ status: 'declined' });
    }
    expect(resilience.pipelines().map((each) => each.state())).toEqual(['closed']);
  });

  it('captures, refunds and voids at their own addresses', async () => {
    provider.answer = (incoming, response, body) => {
      const status = {
        '/v1/captures': 'captured',
        '/v1/refunds': 'refunded',
        '/v1/voids': 'voided',
      }[incoming.url ?? ''];
      const id = incoming.headers['idempotency-key'];
      json({ ...authorized, operationId: id, status })(incoming, response, body);
    };
    const move = { authorization: operationId, chargeId: null, amount: total };
    expect(await client.capture({ operationId: 'c', ...move })).toMatchObject({
      status: 'captured',
    });
    expect(await client.refund({ operationId: 'r', ...move })).toMatchObject({
      status: 'refunded',
    });
    expect(await client.void({ authorization: operationId })).toMatchObject({ status: 'voided' });
    expect(provider.asked).toEqual(['POST /v1/captures', 'POST /v1/refunds', 'POST /v1/voids']);
  });
});
