import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, RestockProduct } from '@waybill/contracts';
import {
  type Availability,
  catalogueApi,
  type FindProductsResponse,
  type GetAvailabilityResponse,
} from '@waybill/contracts/grpc';
import { embeddedBroker } from '@waybill/embedded-broker';
import { GrpcCaller } from '@waybill/grpc/client';
import { ServiceTokens } from '@waybill/http';
import { oneBroker, systemClock } from '@waybill/messaging';
import { type RunningService, startService } from '@waybill/service';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import { firstValueFrom, take, tap, toArray } from 'rxjs';
import { InventoryModule } from '../inventory.module.ts';
import { catalogueSeed } from '../seed/catalogue.ts';
import { inventoryStorage } from '../storage/inventory.storage.ts';

const secret = 'a-secret-for-tests-of-32-characters-or-more';
const soon = { deadline: 10_000 };
const broker = embeddedBroker();
const [first, second] = catalogueSeed;
let database: TestDatabase;
let service: RunningService;
let caller: GrpcCaller;

beforeAll(async () => {
  database = await testDatabase(inventoryStorage);
  service = await startService(InventoryModule, {
    env: {
      DATABASE_URL: database.url,
      LOG_LEVEL: 'silent',
      SERVICE_SECRET: secret,
      GRPC_PORT: '0',
    },
    brokers: oneBroker(broker),
    migrate: true,
    seed: true,
    listen: { host: '127.0.0.1', port: 0 },
  });
  const tokens = new ServiceTokens('order', secret, systemClock);
  caller = new GrpcCaller({
    api: catalogueApi,
    url: service.grpcAddress ?? '',
    token: () => tokens.issue(),
  });
}, 60_000);
afterAll(async () => {
  caller?.close();
  await service?.close();
  await broker.close();
  await database?.close();
});

describe('the catalogue of the inventory service by gRPC', () => {
  const skus = [second?.sku ?? '', first?.sku ?? ''];

  it('finds products with their prices', async () => {
    const { products, unknownSkus } = await caller.call<FindProductsResponse>(
      'FindProducts',
      { skus: [...skus, 'NOTHING'] },
      soon,
    );
    expect(products.map(({ sku }) => sku).sort()).toEqual(skus.toSorted());
    expect(products.find(({ sku }) => sku === first?.sku)?.price).toEqual({
      amount: first?.priceAmount,
      currency: 'EUR',
    });
    expect(unknownSkus).toEqual(['NOTHING']);
  });

  it('tells what the database has', async () => {
    const answer = await caller.call<GetAvailabilityResponse>('GetAvailability', { skus }, soon);
    expect(answer.products).toEqual([
      { sku: second?.sku, available: second?.quantity },
      { sku: first?.sku, available: first?.quantity },
    ]);
    const none = caller.call('GetAvailability', { skus: ['NOTHING'] }, soon);
    await expect(none).rejects.toMatchObject({ code: 'unknown_sku' });
  });

  it('tells who watches when goods come in', async () => {
    const sku = first?.sku ?? '';
    const restock = { requestId: newId(), sku, quantity: 5, warehouse: 'MAIN' };
    const watched = caller.stream<Availability>('WatchAvailability', { skus: [sku] }, soon).pipe(
      tap(({ available }) => {
        if (available === first?.quantity) void service.consumer.submit(RestockProduct(restock));
      }),
      take(2),
      toArray(),
    );
    const [before, after] = await firstValueFrom(watched);
    expect(after?.available).toBe((before?.available ?? 0) + 5);
  });
});
