import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '@waybill/contracts';
import { emptyBatch } from '@waybill/messaging';
import { PgStore } from '@waybill/persistence';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import type { Payment } from '../domain/payment.ts';
import { paymentId, paymentWith } from '../testing/payments.fixture.ts';
import { PaymentFlagEntity, payments } from './payment.entities.ts';
import { paymentStorage } from './payment.storage.ts';
import { publishedPayments } from './published-payments.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase(paymentStorage);
}, 60_000);
afterAll(() => database?.close());

it('goes on with the voids that the provider has not settled, and tells flags again', async () => {
  const store = new PgStore(database.pool, database.tables);
  const orderId = newId();
  const since = '2026-01-02T03:04:05.678Z';
  for (const value of [
    paymentWith({ orderId: newId() }),
    paymentWith({ orderId, status: 'void_pending', unsettledSince: since }),
  ]) {
    await store.commit({ ...emptyBatch, states: [row(value)] });
  }
  const at = new Date().toISOString();
  const known = { orderId, flag: 'dispute', detail: 'charge.disputed' } as const;
  const flag = { ...known, id: orderId, eventId: 'evt_1', occurredAt: since, at };
  await database.dataSource.getRepository(PaymentFlagEntity).insert({ ...flag, version: 1 });

  const told = [];
  const context = { dataSource: database.dataSource, since: new Date(at) };
  for await (const { message } of publishedPayments(context)) {
    told.push([message.contract.type, message.data]);
  }

  expect(told).toEqual([
    ['payment.settle-void', { orderId }],
    ['payment.payment-flagged', { ...known, paymentId }],
  ]);
});

const row = (value: Payment) => ({
  table: payments as never,
  id: value.orderId,
  value,
  loaded: 0,
  version: 1,
});
