import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PaymentProvider } from './payment-provider.ts';

const orderId = '0198c0de-0000-7000-8000-000000000001';
const authorization = `${orderId}/authorize-payment`;
const captureId = `${orderId}/capture-payment`;
const request = { orderId, amount: 1999, currency: 'EUR', token: 'tok_visa' };
const all = { authorization, amount: 1999, currency: 'EUR' };

let folder: string;
let provider: PaymentProvider;
const open = () => PaymentProvider.open({ dataFile: join(folder, 'ledger.jsonl') });
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'payment-provider-'));
  provider = await open();
});
afterEach(async () => {
  await provider.close();
  await rm(folder, { recursive: true });
});

const sums = () => provider.ledger()[0];
const authorize = (more: object = {}) =>
  provider.authorize(authorization, { ...request, ...more }).then(({ answer }) => answer);

describe('an authorization', () => {
  it.each([
    'tok_visa',
    'tok_mastercard',
    'tok_slow',
    'tok_timeout_then_success',
    'tok_capture_fails',
  ])('succeeds with %s', async (token) => {
    expect(await authorize({ token })).toMatchObject({ status: 'authorized', amount: 1999 });
  });

  it.each([
    ['tok_declined', 'card_declined'],
    ['tok_insufficient_funds', 'insufficient_funds'],
    ['tok_expired_card', 'expired_card'],
    ['tok_unheard_of', 'invalid_token'],
  ])('of %s is declined: %s', async (token, reason) => {
    expect(await authorize({ token })).toMatchObject({ status: 'declined', amount: 0, reason });
    expect(sums()).toMatchObject({ authorized: 0, charges: 0 });
  });

  it('answers the same again for the same key and body, and charges once', async () => {
    const [first, second] = await Promise.all([authorize(), authorize()]);
    expect(second).toEqual(first);
    expect(await authorize()).toEqual(first);
    expect(sums()).toMatchObject({ authorized: 1999, charges: 1 });
  });

  it('refuses the same key with another body', async () => {
    await authorize();
    await expect(authorize({ amount: 5 })).rejects.toMatchObject({
      status: 422,
      code: 'idempotency_key_reused',
    });
  });

  it('is still known after a restart', async () => {
    const before = await authorize();
    await provider.close();
    provider = await open();
    expect(await authorize()).toEqual(before);
    expect(await provider.find(authorization)).toEqual(before);
    expect(sums()).toMatchObject({ authorized: 1999, charges: 1 });
  });
});

it.each(['{}', 'null', '{"kind":"refund"}', '{"kind":"void","at":"now","authorization":"a"}'])(
  'does not begin on books that hold %s, and names the line',
  async (line) => {
    const dataFile = join(folder, 'damaged');
    await appendFile(dataFile, `${line}\n`);
    const says = `line 1 of ${dataFile} is not a record of a ledger`;
    await expect(PaymentProvider.open({ dataFile })).rejects.toThrow(says);
  },
);

describe('a void', () => {
  it('gives up what was authorized, once', async () => {
    await authorize();
    expect(await provider.void(authorization)).toMatchObject({ status: 'voided', amount: 1999 });
    expect(await provider.void(authorization)).toMatchObject({ status: 'voided', amount: 1999 });
    expect(sums()).toMatchObject({ authorized: 1999, voided: 1999 });
  });

  it('of an unknown operation refuses it when it comes later, also after a restart', async () => {
    expect(await provider.void(authorization)).toMatchObject({ status: 'voided', amount: 0 });
    expect(await authorize()).toMatchObject({ status: 'voided', amount: 0 });
    await provider.close();
    provider = await open();
    expect(await authorize()).toMatchObject({ status: 'voided', reason: 'voided_before_it_came' });
    expect(provider.ledger()).toEqual([]);
  });

  it('says that there is nothing to give up after a decline, and that it is too late after a capture', async () => {
    await authorize({ token: 'tok_declined' });
    expect(await provider.void(authorization)).toMatchObject({ status: 'declined' });
    const other = `${orderId}/other`;
    await provider.authorize(other, request);
    await provider.capture(captureId, { ...all, authorization: other });
    expect(await provider.void(other)).toMatchObject({ status: 'captured' });
  });
});

describe('a payment that its customer must confirm', () => {
  const token = 'tok_3ds';
  const chargeId = async () => (await authorize({ token })).chargeId ?? '';

  it('reserves nothing before the customer approves, also after a restart', async () => {
    const asked = await authorize({ token });
    expect(asked).toMatchObject({ status: 'requires_action', amount: 0 });
    expect(await provider.capture(captureId, all)).toMatchObject({ reason: 'not_authorized' });
    await provider.close();
    provider = await open();
    expect(await provider.find(authorization)).toEqual(asked);
    expect(sums()).toMatchObject({ authorized: 0, charges: 0 });
    await provider.decide(asked.chargeId ?? '', true);
    expect(await authorize({ token })).toMatchObject({ status: 'authorized', amount: 1999 });
    expect(sums()).toMatchObject({ authorized: 1999, charges: 1 });
    expect(await provider.void(authorization)).toMatchObject({ status: 'voided', amount: 1999 });
  });

  it('is declined when the customer declines; the first decision counts', async () => {
    const id = await chargeId();
    await provider.decide(id, false);
    await provider.decide(id, true);
    expect(await provider.find(authorization)).toMatchObject({
      status: 'declined',
      reason: 'authentication_failed',
    });
    expect(await provider.void(authorization)).toMatchObject({ status: 'declined', amount: 0 });
    expect(sums()).toMatchObject({ authorized: 0, charges: 0 });
  });

  it('cannot be approved any more after a void', async () => {
    const id = await chargeId();
    expect(await provider.void(authorization)).toMatchObject({ status: 'voided', amount: 0 });
    await provider.decide(id, true);
    expect(await provider.find(authorization)).toMatchObject({ status: 'voided' });
    expect(sums()).toMatchObject({ authorized: 0, voided: 0 });
  });
});

describe('a capture', () => {
  it('takes the money once, however often it is asked', async () => {
    await authorize();
    const first = await provider.capture(captureId, all);
    expect(first).toMatchObject({ status: 'captured', amount: 1999 });
    expect(await provider.capture(captureId, all)).toEqual(first);
    expect(sums()).toMatchObject({ captured: 1999 });
  });

  it.each([
    ['capture_declined', { token: 'tok_capture_fails' }, all],
    ['more_than_authorized', {}, { ...all, amount: 2000 }],
    ['other_currency', {}, { ...all, currency: 'USD' }],
    ['not_authorized', { token: 'tok_declined' }, all],
    ['not_authorized', {}, { ...all, authorization: 'unknown' }],
  ])('is refused: %s', async (reason, authorized, capture) => {
    await authorize(authorized);
    expect(await provider.capture(captureId, capture)).toMatchObject({
      status: 'refused',
      amount: 0,
      reason,
    });
    expect(sums()).toMatchObject({ captured: 0 });
  });

  it('is refused after a void, and a second time under another key', async () => {
    await authorize();
    await provider.capture(captureId, all);
    expect(await provider.capture('again', all)).toMatchObject({ reason: 'already_captured' });
    const other = `${orderId}/other`;
    await provider.authorize(other, request);
    await provider.void(other);
    expect(await provider.capture('late', { ...all, authorization: other })).toMatchObject({
      reason: 'voided',
    });
  });
});

describe('a refund', () => {
  it('gives back at most what was captured', async () => {
    await authorize();
    await provider.capture(captureId, all);
    expect(await provider.refund('r1', { ...all, amount: 1500 })).toMatchObject({
      status: 'refunded',
    });
    expect(await provider.refund('r1', { ...all, amount: 1500 })).toMatchObject({
      status: 'refunded',
    });
    expect(await provider.refund('r2', { ...all, amount: 500 })).toMatchObject({
      reason: 'more_than_captured',
    });
    expect(await provider.refund('r3', { ...all, amount: 499 })).toMatchObject({
      status: 'refunded',
    });
    expect(sums()).toMatchObject({ refunded: 1999 });
  });
});
