import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Envelope } from '@waybill/contracts';
import { embeddedBroker } from '@waybill/embedded-broker';
import { until } from '@waybill/messaging/testing';
import { declarationOf, type RunningService, republish } from '@waybill/service';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import { OrderModule } from '../order.module.ts';
import { orderStorage } from '../storage/order.storage.ts';
import { AnsweringNeighbours } from '../testing/answering-neighbours.ts';
import { address } from '../testing/order.fixtures.ts';
import { startOrders } from '../testing/order-service.ts';

const broker = embeddedBroker();
const neighbours = new AnsweringNeighbours(broker);
const facts: Envelope[] = [];
let database: TestDatabase;
let service: RunningService;
let env: Record<string, string>;

beforeAll(async () => {
  database = await testDatabase(orderStorage);
  env = {
    DATABASE_URL: database.url,
    LOG_LEVEL: 'silent',
    SERVICE_SECRET: 'a-secret-for-tests-of-32-characters-or-more',
  };
  await neighbours.start();
  await neighbours.openCatalogue();
  broker.observe('order.#', (envelope) => {
    if (['event', 'announcement'].includes(envelope.kind)) facts.push(envelope);
  });
  service = await startOrders(broker, database, env);
}, 60_000);
afterAll(async () => {
  await service?.close();
  await broker.close();
  await database?.close();
});

async function settled(token: string): Promise<void> {
  const headers = { authorization: 'Bearer ada' };
  const payload = {
    lines: [{ sku: 'LAPTOP-13', quantity: 1 }],
    shippingAddress: address,
    shippingMethod: 'standard',
    payment: { method: 'card', token },
  };
  const url = '/api/v1/orders';
  const placed = await service.app.inject({ method: 'POST', url, payload, headers });
  await service.app.inject({ url: `${url}/${placed.json().id}?wait=10s`, headers });
}

/** The fields that matter to a consumer's inbox and handler. */
const told = ({ id, type, key, data, sequence, correlationId, causationId }: Envelope) =>
  JSON.stringify({ id, type, key, data, sequence, correlationId, causationId });

it('tells what was told of orders again, under the same ids, and of nothing older', async () => {
  await settled('tok_visa');
  await settled('tok_declined');
  await until(() => facts.length === 6);
  const first = facts.splice(0).map(told);

  expect(await republish(declarationOf(OrderModule), env, 1)).toBe(0);
  expect(await republish(declarationOf(OrderModule), env, 3_600_000)).toBe(6);

  await until(() => facts.length === 6);
  expect(facts.map(told).sort()).toEqual(first.sort());
});

it('refuses to tell what nobody knows any more', async () => {
  await expect(republish(declarationOf(OrderModule), env, 31 * 86_400_000)).rejects.toThrow(
    'INBOX_RETENTION',
  );
});
