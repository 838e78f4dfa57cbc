import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@waybill/contracts';
import { Resilience } from '@waybill/resilience';
import { type Answering, AnsweringProvider, json, text } from '../testing/answering-provider.ts';
import { StripePaymentClient } from './stripe-payment.client.ts';

const now = new Date('2026-01-02T00:00:00.000Z');
const orderId = newId(now);
const operationId = `${orderId}/authorize-payment`;
const amount = { amount: 1_999, currency: 'EUR' };
const request = { operationId, orderId, amount, token: 'tok_visa' };
const intent = {
  id: 'pi_1',
  object: 'payment_intent',
  status: 'requires_capture',
  amount: 1_999,
  amount_capturable: 1_999,
  amount_received: 0,
  currency: 'eur',
  latest_charge: 'ch_1',
  last_payment_error: null,
  next_action: null,
  metadata: { orderId, operationId },
};

let provider: AnsweringProvider;
let client: StripePaymentClient;
let resilience: Resilience;

const failure = (status: number, error: object) => json({ error }, status);

beforeEach(async () => {
  provider = await AnsweringProvider.start();
  resilience = new Resilience();
  const settings = { url: provider.url, secretKey: 'sk_test_secret', calls: 4 };
  const returnUrl = 'https://shop.example/paid';
  client = new StripePaymentClient({ ...settings, returnUrl }, resilience, () => now.getTime());
});
afterEach(async () => {
  await client.close();
  provider.close();
});

describe('the client of Stripe', () => {
  it('confirms a payment by hand, with its operation id as key, and reads the answer', async () => {
    let seen: unknown;
    provider.answer = (incoming, response, body) => {
      const { authorization, 'idempotency-key': key } = incoming.headers;
      seen = [authorization, key, Object.fromEntries(new URLSearchParams(body))];
      json({ ...intent, addedLater: true })(incoming, response, body);
    };
    const authorized = { status: 'authorized', ...amount, chargeId: 'pi_1', reason: null };
    expect(await client.authorize(request)).toEqual(authorized);
    expect(provider.asked).toEqual(['POST /v1/payment_intents']);
    expect(seen).toEqual([
      'Bearer sk_test_secret',
      operationId,
      {
        amount: '1999',
        currency: 'eur',
        confirm: 'true',
        capture_method: 'manual',
        'allowed_payment_method_types[0]': 'card',
        payment_method: 'pm_card_visa',
        return_url: 'https://shop.example/paid',
        'metadata[orderId]': orderId,
        'metadata[operationId]': operationId,
      },
    ]);
  });

  it('looks first for the payment of an order so old that Stripe may have forgotten its key', async () => {
    const old = newId(new Date(now.getTime() - 21 * 60 * 60 * 1_000));
    provider.answer = (incoming, ...rest) =>
      json(incoming.url?.includes('/search') ? { data: [intent] } : intent)(incoming, ...rest);
    expect(await client.authorize({ ...request, orderId: old })).toMatchObject({
      status: 'authorized',
    });
    expect(provider.asked).toEqual([
      'GET /v1/payment_intents/search',
      'GET /v1/payment_intents/pi_1',
    ]);
  });

  it('concludes nothing from a search that finds nothing while the key is known', async () => {
    const error = { type: 'idempotency_error', message: 'other parameters' };
    provider.answer = (incoming, ...rest) =>
      incoming.method === 'GET'
        ? json({ data: [] })(incoming, ...rest)
        : failure(400, error)(incoming, ...rest);
    const charge = { authorization: operationId, chargeId: null };
    await expect(client.void(charge)).rejects.toMatchObject({ retriable: true });
    await expect(client.authorize(request)).rejects.toMatchObject({ retriable: true });
  });

  it('refuses no capture while an earlier request of it may be at work', async () => {
    const error = { type: 'invalid_request_error', code: 'payment_intent_unexpected_state' };
    const capture = { authorization: operationId, chargeId: 'pi_1', operationId: 'c', amount };
    const stateIs = (status: string) => {
      provider.answer = (incoming, ...rest) =>
        incoming.method === 'GET'
          ? json({ ...intent, status })(incoming, ...rest)
          : failure(400, error)(incoming, ...rest);
    };
    stateIs('processing');
    await expect(client.capture(capture)).rejects.toMatchObject({ retriable: true });
    stateIs('canceled');
    expect(await client.capture(capture)).toMatchObject({ status: 'refused', amount: 0 });
  });

  it.each([
    [{ amount: 500, currency: 'JPY' }, '500'],
    [{ amount: 500, currency: 'ISK' }, '50000'],
    [{ amount: 12_340, currency: 'KWD' }, '12340'],
  ])('counts %j as Stripe does', async (money, counted) => {
    let form = new URLSearchParams();
    provider.answer = (incoming, response, body) => {
      form = new URLSearchParams(body);
      const made = { amount: Number(form.get('amount')), currency: form.get('currency') };
      json({ ...intent, ...made })(incoming, response, body);
    };
    expect(await client.authorize({ ...request, amount: money })).toMatchObject(money);
    expect(form.get('amount')).toBe(counted);
  });

  it('declines an amount that Stripe cannot charge', async () => {
    const odd = { ...request, amount: { amount: 12_345, currency: 'KWD' } };
    expect(await client.authorize(odd)).toMatchObject({ reason: 'amount_not_supported' });
    provider.answer = failure(400, { type: 'invalid_request_error', code: 'amount_too_small' });
    expect(await client.authorize(request)).toMatchObject({ reason: 'amount_too_small' });
    expect(provider.asked).toHaveLength(1);
  });

  const action = { ...intent, status: 'requires_action', latest_charge: null };
  const redirectTo = (url: string) => ({ redirect_to_url: { url } });

  it.each<[string, Answering]>([
    ['a cut connection', (_, response) => response.destroy()],
    ['a server error', failure(500, { type: 'api_error' })],
    ['a server error without a body', text('', 502)],
    ['too many requests', failure(429, { type: 'invalid_request_error', code: 'rate_limit' })],
    ['a key in use', failure(409, { type: 'idempotency_error', code: 'idempotency_key_in_use' })],
    ['a redirect', (_, response) => response.writeHead(302, { location: '/' }).end()],
    ['no JSON', text('<html>')],
    ['an empty body', text('')],
    ['null', json(null)],
    ['a wrong type', json({ ...intent, amount: '1999' })],
    ['a negative amount', json({ ...intent, amount: -1_999 })],
    ['an unknown status', json({ ...intent, status: 'maybe' })],
    ['a payment that is not decided', json({ ...intent, status: 'processing' })],
    ['a page that is none', json({ ...action, next_action: redirectTo('javascript:alert(1)') })],
    ['no page', json(action)],
    ['an id that is a path', json({ ...intent, id: '../customers' })],
    ['10 MB', text(`"${'x'.repeat(10_000_000)}"`)],
  ])('takes %s for an unknown outcome', async (_, hostile) => {
    provider.answer = hostile;
    await expect(client.authorize(request)).rejects.toMatchObject({
      code: 'provider_unreachable',
      retriable: true,
    });
  });

  it.each<[string, Answering]>([
    ['a wrong key', failure(401, { message: 'Invalid API Key provided: sk_test_secret' })],
    ['a key without the right', failure(403, { message: 'sk_test_secret' })],
    ['a malformed request', failure(400, { type: 'invalid_request_error', param: 'metadata' })],
    ['another amount', json({ ...intent, amount: 1 })],
    ['another currency', json({ ...intent, currency: 'usd' })],
  ])('takes %s for a rejection that no repeat can help', async (_, refusing) => {
    provider.answer = refusing;
    const rejected = client.authorize(request);
    await expect(rejected).rejects.toMatchObject({ code: 'provider_rejected', retriable: false });
    await expect(rejected).rejects.not.toThrow('sk_test_secret');
  });

  it('never counts a declined card against Stripe, and stops calling one that only fails', async () => {
    const payment_intent = { id: 'pi_1' };
    provider.answer = failure(402, { type: 'card_error', code: 'expired_card', payment_intent });
    const declined = { status: 'declined', reason: 'expired_card', chargeId: 'pi_1' };
    for (let i = 0; i < 30; i += 1) {
      expect(await client.authorize(request)).toMatchObject(declined);
    }
    expect(resilience.pipelines().map((each) => each.state())).toEqual(['closed']);
    provider.answer = text('', 503);
    for (let i = 0; i < 40; i += 1) await client.authorize(request).catch(() => undefined);
    await expect(client.authorize(request)).rejects.toMatchObject({ countsAsAttempt: false });
  });
});
