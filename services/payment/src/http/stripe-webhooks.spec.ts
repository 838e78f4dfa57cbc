import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { orderId } from '../testing/payments.fixture.ts';
import { StripeWebhooks } from './stripe-webhooks.ts';

const secret = 'whsec_of_these_tests';
const now = new Date('2026-01-01T00:00:00.000Z');
const seconds = now.getTime() / 1_000;
const webhooks = new StripeWebhooks(['whsec_before', secret], async (id) =>
  id === 'pi_1' ? orderId : null,
);

const signatureOf = (body: Buffer, at = seconds, key = secret) =>
  `t=${at},v1=${createHmac('sha256', key).update(`${at}.`).update(body).digest('hex')}`;
const requestOf = (rawBody: Buffer | undefined, signature?: string) => ({
  headers: { 'stripe-signature': signature },
  rawBody,
  body: null,
});

describe('the signature of Stripe', () => {
  const body = Buffer.from('{"id":"evt_1"}');
  const isSigned = (signature: string | undefined, raw: Buffer | undefined = body) =>
    webhooks.isSigned(requestOf(raw, signature), now);

  it('is made with one of the secrets, within five minutes, among other signatures', () => {
    expect(isSigned(signatureOf(body))).toBe(true);
    expect(isSigned(signatureOf(body, seconds, 'whsec_before'))).toBe(true);
    expect(isSigned(signatureOf(body, seconds - 300))).toBe(true);
    expect(isSigned(signatureOf(body, seconds - 301))).toBe(false);
    expect(isSigned(`${signatureOf(body)},v1=00,v0=00`)).toBe(true);
  });

  it.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['another secret', signatureOf(body, seconds, 'whsec_of_others')],
    ['an older scheme', signatureOf(body).replace('v1', 'v0')],
    ['no time', signatureOf(body).replace(/^t=\d+,/, '')],
    ['another time', signatureOf(body).replace(/^t=\d+/, `t=${seconds - 1}`)],
    ['a time that is none', signatureOf(body).replace(/^t=\d+/, 't=NaN')],
    ['a huge header', `${signatureOf(body)}${',v1=0'.repeat(2_000)}`],
  ])('is not %s', (_, signature) => {
    expect(isSigned(signature)).toBe(false);
  });

  it('covers every byte', () => {
    const signature = signatureOf(body);
    for (let i = 0; i < body.length; i += 1) {
      const changed = Buffer.from(body);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(isSigned(signature, changed)).toBe(false);
    }
    expect(webhooks.isSigned(requestOf(undefined, signature), now)).toBe(false);
  });
});

describe('an event of Stripe', () => {
  const intent = {
    id: 'pi_1',
    object: 'payment_intent',
    amount: 1_999,
    amount_received: 1_500,
    currency: 'eur',
    metadata: { orderId, operationId: `${orderId}/authorize-payment` },
  };
  const refund = { ...intent, id: 're_1', object: 'refund', payment_intent: 'pi_1', metadata: {} };
  const read = (type: string, object: object) => {
    const body = { id: 'evt_1', type, created: seconds, data: { object } };
    return webhooks.eventOf({ headers: {}, rawBody: undefined, body });
  };

  it('is one of a charge of ours', async () => {
    expect(await read('payment_intent.amount_capturable_updated', intent)).toEqual({
      eventId: 'evt_1',
      type: 'charge.authorized',
      orderId,
      operationId: `${orderId}/authorize-payment`,
      chargeId: 'pi_1',
      amount: 1_999,
      currency: 'EUR',
      at: now.toISOString(),
    });
  });

  it('names our operation where we requested it, and another one where we did not', async () => {
    const capture = { ...intent, metadata: { ...intent.metadata, capturedBy: 'ours' } };
    const type = 'payment_intent.succeeded';
    expect(await read(type, capture)).toMatchObject({ operationId: 'ours', amount: 1_500 });
    expect(await read(type, intent)).toMatchObject({ operationId: 'pi_1' });
    const ours = { ...refund, metadata: { operationId: 'ours' } };
    const moved = { type: 'charge.refunded', orderId, chargeId: 'pi_1' };
    expect(await read('refund.created', ours)).toMatchObject({ ...moved, operationId: 'ours' });
    expect(await read('refund.created', refund)).toMatchObject({ ...moved, operationId: 're_1' });
    expect(await read('refund.failed', ours)).toMatchObject({ operationId: 're_1/failed' });
  });

  it('is of the order whose payment is disputed', async () => {
    const dispute = { ...refund, id: 'dp_1', object: 'dispute' };
    const disputed = { type: 'charge.disputed', orderId, operationId: 'dp_1', amount: 1_999 };
    expect(await read('charge.dispute.created', dispute)).toMatchObject(disputed);
  });

  it.each([
    ['a type that we do not use', 'payout.paid', {}],
    ['a payment of another shop', 'payment_intent.succeeded', { ...intent, metadata: {} }],
    [
      'an order that is no id',
      'payment_intent.canceled',
      { ...intent, metadata: { orderId: '1' } },
    ],
    ['a refund of another payment', 'refund.created', { ...refund, payment_intent: 'pi_2' }],
    ['a refund of no payment', 'refund.created', { ...refund, payment_intent: null }],
  ])('is nothing for us: %s', async (_, type, object) => {
    expect(await read(type, object)).toBeNull();
  });

  it.each([
    ['no object', undefined],
    ['another object', { ...intent, object: 'payout' }],
    ['a negative amount', { ...intent, amount: -1 }],
    ['a fraction', { ...intent, amount_received: 0.5 }],
    ['too much', { ...intent, amount: 1e300 }],
    ['a wrong currency', { ...intent, currency: 'euro' }],
  ])('is refused with %s', async (_, object) => {
    await expect(read('payment_intent.succeeded', object as object)).rejects.toThrow();
  });
});
