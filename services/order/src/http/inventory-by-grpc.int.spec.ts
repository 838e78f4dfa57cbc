import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { catalogueApi } from '@waybill/contracts/grpc';
import { embeddedBroker } from '@waybill/embedded-broker';
import { GrpcController, Serves } from '@waybill/grpc';
import { Loopback } from '@waybill/grpc/testing';
import type { RunningService } from '@waybill/service';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import { orderStorage } from '../storage/order.storage.ts';
import { answerKeys } from '../testing/answered-keys.ts';
import { address, laptop } from '../testing/order.fixtures.ts';
import { startOrders } from '../testing/order-service.ts';

/** An inventory with one product. */
@GrpcController()
class OneProduct {
  @Serves(catalogueApi)
  findProducts({ skus }: { skus: string[] }) {
    const { productVersion: version, priceAmount: amount, currency, ...product } = laptop;
    const found = { ...product, taxClass: 'reduced', category: 'Computers', version, available: 9 };
    const products = skus.includes(laptop.sku) ? [{ ...found, price: { amount, currency } }] : [];
    return { products, unknownSkus: skus.filter((sku) => sku !== laptop.sku) };
  }
}

const broker = embeddedBroker();
let inventory: Loopback;
let database: TestDatabase;
let service: RunningService;

beforeAll(async () => {
  database = await testDatabase(orderStorage);
  inventory = await Loopback.start({
    api: catalogueApi,
    module: { controllers: [OneProduct] },
    server: { verify: async (token) => expect(token).toMatch(/^eyJ/) },
  });
  await answerKeys(broker);
  service = await startOrders(broker, database, { INVENTORY_GRPC_URL: inventory.address });
}, 60_000);
afterAll(async () => {
  await service?.close();
  await inventory?.close();
  await broker.close();
  await database?.close();
});

const order = (sku: string) =>
  service.app.inject({
    method: 'POST',
    url: '/api/v1/orders',
    headers: { authorization: 'Bearer ada' },
    payload: {
      lines: [{ sku, quantity: 1 }],
      shippingAddress: address,
      shippingMethod: 'standard',
      payment: { method: 'card', token: 'tok_visa' },
      note: null,
    },
  });

/** Retries like a customer, while the machine is too busy for inventory to reply within 300 ms. */
async function orderAgain(sku: string) {
  for (;;) {
    const answer = await order(sku);
    if (answer.statusCode !== 503) return answer;
  }
}

it('asks inventory by gRPC for what it does not know, and answers as over the broker', async () => {
  const unknown = await orderAgain('NOTHING');
  expect(unknown.statusCode).toBe(422);
  expect(unknown.json()).toMatchObject({
    code: 'unknown_sku',
    errors: [{ path: '/lines/0/sku' }],
  });

  const accepted = await orderAgain(laptop.sku);
  expect(accepted.statusCode).toBe(202);
  expect(accepted.json().taxes).toMatchObject([{ class: 'standard' }, { class: 'reduced' }]);

  await inventory.close();
  const away = await order('SOMETHING');
  expect(away.statusCode).toBe(503);
  expect(away.json()).toMatchObject({ code: 'inventory_unavailable' });
  expect(away.headers['retry-after']).toBe('2');
});
