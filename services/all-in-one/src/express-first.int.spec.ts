import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { CustomerModule } from '@waybill/customer';
import { type EmbeddedBroker, embeddedBroker } from '@waybill/embedded-broker';
import { InventoryModule } from '@waybill/inventory';
import { OrderModule } from '@waybill/order';
import { PAYMENT_PROVIDER, PaymentModule } from '@waybill/payment';
import {
  declarationOf,
  openBrokers,
  prepareService,
  type RunningService,
  type ServiceModuleClass,
} from '@waybill/service';
import { Carriers, ShippingModule } from '@waybill/shipping';
import { DataFolder } from './data-folder.ts';
import { SupervisedPostgres } from './postgres.ts';
import { openSandboxes } from './sandboxes.ts';

/** Three batches of a consumer. */
const standardOrders = 600;
const sku = 'LAPTOP-13';
const anybody = {
  verify: () => ({
    id: 'ada',
    roles: ['customer' as const, 'operator' as const],
    name: 'Ada',
    email: 'ada@example.com',
  }),
};

let broker: EmbeddedBroker;
let services: readonly RunningService[] = [];
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-express-'));
  chmodSync(folder, 0o755);
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  const data = await DataFolder.open(folder);
  closing.push(() => data.release());
  const postgres = await SupervisedPostgres.start(data, { log: () => {}, lost: () => {} });
  closing.push(() => postgres.stop());
  const sandboxes = await openSandboxes(data);
  closing.push(() => sandboxes.stop());
  broker = embeddedBroker();
  const brokers = await openBrokers(
    {},
    { service: 'test', embedded: () => broker, requests: () => embeddedBroker() },
  );
  closing.push(() => brokers.close());
  const { provider, carriers } = sandboxes.inProcess ?? { provider: null, carriers: [] };
  const modules: ServiceModuleClass[] = [
    OrderModule,
    CustomerModule,
    InventoryModule,
    { module: PaymentModule, providers: [{ provide: PAYMENT_PROVIDER, useValue: provider }] },
    {
      module: ShippingModule,
      providers: [{ provide: Carriers, useValue: new Carriers(carriers) }],
    },
  ];
  const prepared = await Promise.all(
    modules.map(async (module) =>
      prepareService(module, {
        env: {
          DATABASE_URL: await postgres.database(declarationOf(module).name),
          LOG_LEVEL: 'silent',
          DISK_RESERVE_MB: '0',
        },
        brokers,
        migrate: true,
        exclusive: true,
        declare: false,
        listen: null,
        tokenVerifier: anybody,
      }),
    ),
  );
  await brokers.declare(prepared.flatMap(({ groups }) => groups));
  services = await Promise.all(prepared.map((each) => each.start()));
  closing.push(() => Promise.all(services.map((each) => each.close())));
}, 120_000);

afterAll(async () => {
  for (const close of closing.reverse()) await close();
}, 60_000);

async function send<T>(
  service: string,
  method: 'GET' | 'POST',
  url: string,
  payload?: object,
): Promise<T> {
  const app = services.find(({ name }) => name === service)?.app;
  const headers = { authorization: 'Bearer ada' };
  for (;;) {
    const answer = await app?.inject({ method, url, headers, ...(payload ? { payload } : {}) });
    if (answer && answer.statusCode < 300) return answer.json();
    // A busy machine refuses for a moment.
    if (answer?.statusCode !== 503)
      throw new Error(`${method} ${url}: ${answer?.statusCode} ${answer?.body}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

interface OrderView {
  readonly id: string;
  readonly status: string;
  readonly updatedAt: string;
}

const place = (shippingMethod: 'standard' | 'express'): Promise<OrderView> =>
  send('order', 'POST', '/api/v1/orders', {
    lines: [{ sku, quantity: 1 }],
    shippingAddress: {
      name: 'Ada L.',
      line1: '1 Main St',
      line2: null,
      city: 'Berlin',
      postalCode: '10115',
      country: 'DE',
    },
    shippingMethod,
    payment: { method: 'card', token: 'tok_visa' },
  });

async function settled({ id }: OrderView): Promise<OrderView> {
  for (;;) {
    const order = await send<OrderView>('order', 'GET', `/api/v1/orders/${id}?wait=10s`);
    if (order.status !== 'pending') return order;
  }
}

it('express orders overtake standard orders that wait at the embedded broker', async () => {
  await send('inventory', 'POST', `/api/v1/inventory/${sku}/restock`, { quantity: 1_000 });
  // From here on the rates of the carriers are known for both.
  for (const method of ['standard', 'express'] as const)
    expect((await settled(await place(method))).status).toBe('confirmed');
  const inventory = services.find(({ name }) => name === 'inventory');
  await inventory?.operations.control.pause('inventory.commands', 'ops');
  const waiting: OrderView[] = [];
  while (waiting.length < standardOrders)
    waiting.push(...(await Promise.all(Array.from({ length: 50 }, () => place('standard')))));
  const express = await place('express');
  await inventory?.operations.control.resume('inventory.commands', 'ops');
  const { status, updatedAt } = await settled(express);
  const standard = await Promise.all(waiting.map(settled));
  expect([status, ...new Set(standard.map((order) => order.status))]).toEqual([
    'confirmed',
    'confirmed',
  ]);
  const later = standard.filter((order) => order.updatedAt > updatedAt);
  expect(later.length).toBeGreaterThan(standardOrders / 2);
  const { items } = await send<{ items: readonly { type: string }[] }>(
    'order',
    'GET',
    `/api/v1/orders/${express.id}/events`,
  );
  expect(items.map(({ type }) => type)).toEqual([
    'placed',
    'payment-authorized',
    'shipment-booked',
    'payment-captured',
    'confirmed',
  ]);
}, 120_000);
