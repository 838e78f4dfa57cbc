import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AuthorizePayment,
  CapturePayment,
  newId,
  RefundPayment,
  VoidPayment,
} from '@waybill/contracts';
import { columnsInIndexes, downAndUp, schemaChanges } from '@waybill/testing';
import { NarrowLedger1795960000004 } from './storage/migrations/1795960000004-narrow-ledger.ts';
import { paymentInvariants, unsettledMoney } from './storage/payment.invariants.ts';
import { paymentStorage } from './storage/payment.storage.ts';
import { PaymentServiceBench } from './testing/payment-service.bench.ts';

const amount = { amount: 1999, currency: 'EUR' };
const authorizeBy = (orderId: string, token = 'tok_visa') =>
  AuthorizePayment({ orderId, amount, method: 'card', token });

let bench: PaymentServiceBench;
beforeAll(async () => {
  bench = await PaymentServiceBench.start();
}, 60_000);
afterAll(() => bench.close(), 30_000);
afterEach(async () => {
  await bench.faults({});
  // The ledger must balance after every test.
  expect(await paymentInvariants(bench.database.dataSource)).toEqual([]);
});

describe('payment on a real database, with the provider over HTTP', () => {
  it('authorizes, captures and refunds, and both ledgers agree', async () => {
    const orderId = newId();
    expect((await bench.call(authorizeBy(orderId))).type).toBe('payment.payment-authorized');
    expect((await bench.call(CapturePayment({ orderId, amount }))).type).toBe(
      'payment.payment-captured',
    );
    const part = { amount: 500, currency: 'EUR' };
    const refund = RefundPayment({ orderId, refundId: newId(), amount: part });
    expect((await bench.call(refund)).type).toBe('payment.payment-refunded');
    expect((await bench.call(refund)).type).toBe('payment.payment-refunded');
    expect(bench.books(orderId)).toMatchObject({ authorized: 1999, captured: 1999, refunded: 500 });
    const { body } = await bench.get(`/api/v1/payments/${orderId}`);
    expect(body).toMatchObject({
      status: 'captured',
      captured: amount,
      refunded: part,
      refunds: [{ status: 'refunded', amount: part }],
      providerCalls: [{ outcome: 'authorized' }, { outcome: 'captured' }, { outcome: 'refunded' }],
    });
    expect((body as { ledger: unknown[] }).ledger).toHaveLength(6);
  });

  it.each([
    ['tok_declined', 'card_declined'],
    ['tok_insufficient_funds', 'insufficient_funds'],
    ['tok_expired_card', 'expired_card'],
  ])('declines %s', async (token, detail) => {
    const orderId = newId();
    expect(await bench.call(authorizeBy(orderId, token))).toEqual({
      type: 'payment.payment-declined',
      data: { orderId, reason: 'payment_declined', detail },
    });
    expect(bench.books(orderId)).toMatchObject({ authorized: 0 });
  });

  it('charges tok_error_then_success once, although its first answer was an error', async () => {
    const orderId = newId();
    const answer = await bench.call(authorizeBy(orderId, 'tok_error_then_success'));
    expect(answer.type).toBe('payment.payment-authorized');
    expect(bench.books(orderId)).toMatchObject({ authorized: 1999, charges: 1 });
  });

  it('waits for a slow card and for a lost answer without holding up others', async () => {
    const [slow, lost, quick] = [newId(), newId(), newId()];
    bench.send(authorizeBy(slow, 'tok_slow'));
    bench.send(authorizeBy(lost, 'tok_timeout_then_success'));
    expect((await bench.call(authorizeBy(quick))).type).toBe('payment.payment-authorized');
    expect(bench.received.some(({ key }) => key === slow || key === lost)).toBe(false);
    expect(await bench.until(slow, 1)).toMatchObject([{ type: 'payment.payment-authorized' }]);
    expect(await bench.until(lost, 1)).toMatchObject([{ type: 'payment.payment-authorized' }]);
    expect(bench.books(lost)).toMatchObject({ authorized: 1999, charges: 1 });
  }, 20_000);

  it('asks for the decision of a customer itself when no webhook comes', async () => {
    const orderId = newId();
    const { type, data } = await bench.call(authorizeBy(orderId, 'tok_3ds'));
    expect(type).toBe('payment.payment-action-required');
    const { actionUrl } = data as { actionUrl: string };
    await bench.read(orderId, (payment) => payment['actionUrl'] === actionUrl || undefined);
    await fetch(`${actionUrl}/approve`, { method: 'POST' });
    const [, answer] = await bench.until(orderId, 2);
    expect(answer?.type).toBe('payment.payment-authorized');
    expect(bench.books(orderId)).toMatchObject({ authorized: 1999, charges: 1 });
    await bench.call(VoidPayment({ orderId }));
  });

  it('refuses the capture of tok_capture_fails for good, and gives its amount back', async () => {
    const orderId = newId();
    await bench.call(authorizeBy(orderId, 'tok_capture_fails'));
    expect((await bench.call(CapturePayment({ orderId, amount }))).data).toEqual({
      orderId,
      detail: 'capture_declined',
    });
    expect((await bench.call(VoidPayment({ orderId }))).data).toEqual({ orderId, state: 'voided' });
    expect(bench.books(orderId)).toMatchObject({ authorized: 1999, voided: 1999, captured: 0 });
    expect(await unsettledMoney(bench.database.dataSource, [orderId])).toEqual([]);
  });

  it('undoes a payment that never came, and refuses it when it comes', async () => {
    const orderId = newId();
    expect((await bench.call(VoidPayment({ orderId }))).data).toEqual({
      orderId,
      state: 'void_pending',
    });
    await bench.read(orderId, ({ status }) => status === 'undone' || undefined);
    expect((await bench.call(authorizeBy(orderId))).data).toMatchObject({ reason: 'undone' });
    expect(bench.books(orderId)).toBeUndefined();
  });
});

describe('faults on the way to the provider', () => {
  it('lost answers, errors and duplicates leave one effect for each operation', async () => {
    await bench.faults({ errorShare: 0.2, lostAnswerShare: 0.2, duplicates: true });
    const orders = Array.from({ length: 20 }, () => newId());
    for (const orderId of orders) bench.send(authorizeBy(orderId));
    await Promise.all(orders.map((orderId) => bench.until(orderId, 1)));
    for (const orderId of orders) bench.send(CapturePayment({ orderId, amount }));
    await Promise.all(orders.map((orderId) => bench.until(orderId, 2)));
    for (const orderId of orders) {
      expect(bench.books(orderId)).toMatchObject({ authorized: 1999, captured: 1999, charges: 1 });
    }
  }, 240_000);

  it('a provider that is away is asked again when it is back; a pending void is finished then', async () => {
    const [waits, undone] = [newId(), newId()];
    await bench.call(authorizeBy(undone));
    await bench.stopProvider();
    bench.send(authorizeBy(waits));
    expect((await bench.call(VoidPayment({ orderId: undone }))).data).toMatchObject({
      state: 'void_pending',
    });
    const { body } = await bench.get('/api/v1/payments?state=unsettled');
    expect(body).toMatchObject({
      items: [{ orderId: undone, status: 'void_pending' }],
      nextCursor: null,
    });
    expect(await unsettledMoney(bench.database.dataSource, [undone])).toHaveLength(1);
    await bench.startProvider();
    expect(await bench.until(waits, 1)).toMatchObject([{ type: 'payment.payment-authorized' }]);
    await bench.read(undone, ({ status }) => status === 'voided' || undefined);
    expect(bench.books(undone)).toMatchObject({ authorized: 1999, voided: 1999 });
    expect(await unsettledMoney(bench.database.dataSource, [undone])).toEqual([]);
  }, 240_000);
});

describe('webhooks of the provider', () => {
  it('flag a dispute once and tell of it', async () => {
    await bench.stopProvider();
    await bench.startProvider();
    const orderId = newId();
    await bench.call(authorizeBy(orderId));
    const charge = { authorization: `${orderId}/authorize-payment` };
    await bench.administer('POST', '/disputes', charge);
    await bench.administer('POST', '/disputes', charge);
    expect((await bench.until(orderId, 2))[1]).toMatchObject({
      type: 'payment.payment-flagged',
      data: { flag: 'dispute' },
    });
    const flags = await bench.read(orderId, (payment) => payment['flags'] as { flag: string }[]);
    expect(flags).toMatchObject([{ flag: 'dispute' }]);
  });

  const told = (orderId: string, id: string, type: string, more: object = {}) => ({
    id,
    type,
    data: { operationId: 'dashboard-1', orderId, chargeId: 'ch_1', ...amount, ...more },
  });

  it('keep every flag of a payment, each once, in whatever order they come', async () => {
    const orderId = newId();
    await bench.call(authorizeBy(orderId));
    const events = [
      told(orderId, 'evt_dispute', 'charge.disputed'),
      told(orderId, 'evt_refund', 'charge.refunded'),
      told(orderId, 'evt_charge', 'charge.captured'),
      told(orderId, 'evt_dispute_2', 'charge.disputed', { amount: 500 }),
      // The same event id for another event: a fault of the provider, but both events must be kept.
      told(orderId, 'evt_dispute', 'charge.refunded', { amount: 7 }),
    ];
    for (const event of [...events, ...events.toReversed()]) {
      expect(await bench.webhook(event)).toBe(204);
    }
    const { body } = await bench.get(`/api/v1/payments/${orderId}`);
    const { flags } = body as { flags: { flag: string; detail: string; eventId: string }[] };
    expect(
      flags.map(({ flag, eventId, detail }) => `${flag} ${eventId}: ${detail}`).sort(),
    ).toEqual([
      'dispute evt_dispute: charge.disputed of 1999 EUR (dashboard-1)',
      'dispute evt_dispute_2: charge.disputed of 500 EUR (dashboard-1)',
      'unknown_charge evt_charge: charge.captured of 1999 EUR (dashboard-1)',
      'unknown_charge evt_dispute: charge.refunded of 7 EUR (dashboard-1)',
      'unknown_charge evt_refund: charge.refunded of 1999 EUR (dashboard-1)',
    ]);
    const disputed = await bench.get('/api/v1/payments?state=disputed&limit=200');
    expect(disputed.body).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ orderId, flags })]),
    });
  });

  it('of an order without a payment here are listed with the flags of all orders', async () => {
    const orders = [newId(), newId(), newId()];
    for (const orderId of orders) {
      await bench.webhook(told(orderId, `evt_${orderId}`, 'charge.disputed'));
    }
    const seen: string[] = [];
    let cursor = '';
    do {
      const url = `/api/v1/payments/flags?flag=dispute&limit=2${cursor && `&cursor=${cursor}`}`;
      const { body } = await bench.get(url);
      const page = body as { items: { orderId: string }[]; nextCursor: string | null };
      seen.push(...page.items.map(({ orderId }) => orderId));
      cursor = page.nextCursor ?? '';
    } while (cursor !== '');
    expect(new Set(seen.slice(0, 3))).toEqual(new Set(orders));
    expect((await bench.get('/api/v1/payments/flags?flag=other')).statusCode).toBe(400);
    expect((await bench.get('/api/v1/payments/flags', 'ada')).statusCode).toBe(403);
  });

  it.each(['Basic YTpi', 'Bearer nonsense', 'Bearer ada'])(
    'are judged by their signature, whatever else they carry: %s',
    async (authorization) => {
      const event = told(newId(), `evt_${newId()}`, 'charge.disputed');
      expect(await bench.webhook(event, { authorization })).toBe(204);
      const forged = { authorization, 'webhook-signature': 'v1,AAAA' };
      expect(await bench.webhook(event, forged)).toBe(401);
    },
  );

  it('without a signature are refused', async () => {
    const answer = await bench.service.app.inject({
      method: 'POST',
      url: '/api/v1/payments/sandbox/webhooks',
      payload: { id: 'evt_1' },
    });
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toMatchObject({ code: 'invalid_signature' });
  });
});

describe('reading payments', () => {
  it('is for operators, and knows what it does not know', async () => {
    const url = `/api/v1/payments/${newId()}`;
    expect((await bench.get(url, null)).statusCode).toBe(401);
    expect((await bench.get(url, 'ada')).statusCode).toBe(403);
    expect(await bench.get(url)).toMatchObject({
      statusCode: 404,
      body: { code: 'unknown_payment' },
    });
    expect((await bench.get('/api/v1/payments/not-an-id')).statusCode).toBe(400);
    expect((await bench.get('/api/v1/payments?state=other')).statusCode).toBe(400);
  });

  it('shows the breaker of the provider in health', async () => {
    const { checks } = (await bench.service.app.inject('/health')).json();
    expect(checks).toContainEqual(expect.objectContaining({ name: 'breaker-payment-provider' }));
  });
});

it('has the tables that its entities are', async () => {
  // The ledger's unique index is on an expression, which no entity can declare.
  const key = expect.stringMatching(/^ALTER TABLE "ledger_entries" ADD CONSTRAINT \S+ PRIMARY KEY/);
  expect(await schemaChanges(bench.database.dataSource)).toEqual([key]);
});

describe('the tables of payments', () => {
  it('keep every row on the way to the release before and back', async () => {
    const narrow = [new NarrowLedger1795960000004()];
    const { before, down, up } = await downAndUp(bench.database, paymentStorage, narrow);
    expect(before['ledger_entries']?.length).toBeGreaterThan(0);
    expect(down).toEqual(before);
    expect(up).toEqual(before);
  });

  it('have no index of what an authorization or a capture changes', async () => {
    const inIndexes = await columnsInIndexes(bench.database, 'payments');
    // Both others are null in either, before and afterwards.
    expect(inIndexes).toEqual(['challenge', 'order_id', 'unsettled_since']);
  });

  it('hold each side of a transfer once', async () => {
    const twice = 'INSERT INTO ledger_entries SELECT * FROM ledger_entries LIMIT 1';
    await expect(bench.database.pool.query(twice)).rejects.toMatchObject({ code: '23505' });
  });
});
