import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { stripeDevelopment } from '../payment-provider.config.ts';
import type { RunningPaymentProvider } from '../start.ts';
import { startStripeDouble } from './start-stripe.ts';

const { secretKey } = stripeDevelopment;
const payment = {
  amount: '1999',
  currency: 'eur',
  capture_method: 'manual',
  'allowed_payment_method_types[0]': 'card',
  confirm: 'true',
  payment_method: 'pm_card_visa',
  'metadata[orderId]': 'one',
};

let folder: string;
let double: RunningPaymentProvider;
const start = () =>
  startStripeDouble({ dataFile: join(folder, 'books'), apiKey: 'a-test-key', secretKey, port: 0 });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stripe-double-'));
  double = await start();
});
afterEach(async () => {
  await double.close();
  await rm(folder, { recursive: true });
});

async function post(path: string, form: Record<string, string>, key?: string, bearer = secretKey) {
  const headers = {
    authorization: `Bearer ${bearer}`,
    ...(key !== undefined && { 'idempotency-key': key }),
  };
  const body = new URLSearchParams(form);
  const answer = await fetch(`${double.url}${path}`, { method: 'POST', headers, body });
  const { id, error = {} } = (await answer.json()) as {
    id?: string;
    error?: { type?: string; code?: string; param?: string };
  };
  const isRepeated = answer.headers.get('idempotent-replayed') === 'true';
  return { status: answer.status, id, ...error, isRepeated };
}

describe('the double of Stripe', () => {
  it('gives a repeated request the first response, also after a restart, and charges once', async () => {
    const first = await post('/v1/payment_intents', payment, 'key');
    expect(first).toMatchObject({ status: 200, isRepeated: false });
    await double.close();
    double = await start();
    const again = await post('/v1/payment_intents', payment, 'key');
    expect(again).toEqual({ ...first, isRepeated: true });
    expect(double.ledger()).toMatchObject([{ orderId: 'one', charges: 1, authorized: 1_999 }]);
  });

  it('refuses a key with other parameters, and one that is in use', async () => {
    const all = await Promise.all([1, 2, 3].map(() => post('/v1/payment_intents', payment, 'key')));
    const inUse = all.filter(({ status }) => status !== 200);
    for (const each of inUse) {
      expect(each).toMatchObject({ status: 409, code: 'idempotency_key_in_use' });
    }
    const other = { ...payment, amount: '2' };
    const refused = { status: 400, type: 'idempotency_error' };
    expect(await post('/v1/payment_intents', other, 'key')).toMatchObject(refused);
    expect(double.ledger()).toMatchObject([{ charges: 1 }]);
  });

  it('keeps a decline under its key, and no request that it could not read', async () => {
    const declined = { ...payment, payment_method: 'pm_card_visa_chargeDeclined' };
    const refusal = { status: 402, type: 'card_error', code: 'card_declined' };
    expect(await post('/v1/payment_intents', declined, 'card')).toMatchObject(refusal);
    const again = await post('/v1/payment_intents', declined, 'card');
    expect(again).toMatchObject({ ...refusal, isRepeated: true });
    const unread = await post('/v1/payment_intents', { ...payment, amount: '-1' }, 'form');
    expect(unread).toMatchObject({ status: 400, type: 'invalid_request_error', param: 'amount' });
    expect(await post('/v1/payment_intents', payment, 'form')).toMatchObject({ status: 200 });
  });

  it.each([
    ['an unknown parameter', { application_fee_amount: '1' }, ''],
    ['no amount', { amount: '' }, 'amount'],
    ['a fraction', { amount: '1.5' }, 'amount'],
    ['a huge amount', { amount: '1e300' }, 'amount'],
    ['a wrong currency', { currency: 'EURO' }, 'currency'],
    ['an unknown card', { payment_method: 'pm_of_nobody' }, 'payment_method'],
    ['no page to return to', { payment_method: 'pm_card_authenticationRequired' }, 'return_url'],
  ])('refuses %s, and names it', async (_, wrong, param) => {
    const answer = await post('/v1/payment_intents', { ...payment, ...wrong });
    expect(answer).toMatchObject({ status: 400, type: 'invalid_request_error', param });
    expect(double.ledger()).toEqual([]);
  });

  it('knows no payment that it has not made, and no key but its own', async () => {
    const missing = { status: 404, code: 'resource_missing' };
    expect(await post('/v1/payment_intents/pi_1/capture', {})).toMatchObject(missing);
    expect(await post('/v1/payment_intents/pi_1/cancel', {})).toMatchObject(missing);
    for (const bearer of ['', 'a-test-key']) {
      const refused = await post('/v1/payment_intents', payment, 'key', bearer);
      expect(refused.status).toBe(401);
    }
    const administering = await fetch(`${double.url}/ledger`, {
      headers: { authorization: `Bearer ${secretKey}` },
    });
    expect(administering.status).toBe(401);
  });
});
