import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Availability,
  catalogueApi,
  type FindProductsResponse,
  type GetAvailabilityResponse,
} from '@waybill/contracts/grpc';
import { Loopback } from '@waybill/grpc/testing';
import { CLOCK } from '@waybill/messaging';
import { HandClock, until } from '@waybill/messaging/testing';
import { CatalogueRepository } from '../storage/catalogue.repository.ts';
import { ProductFinder } from '../storage/product-finder.ts';
import { AvailabilityWatch } from './availability-watch.ts';
import { CatalogueRpc } from './catalogue.rpc.ts';

const soon = { deadline: 5_000 };

/** A catalogue in memory. */
class FakeCatalogue {
  readonly stock = new Map([
    ['MUG', 7],
    ['PEN', 3],
  ]);
  looks = 0;
  away = false;

  async availableOf(skus: readonly string[]): Promise<ReadonlyMap<string, number>> {
    this.looks += 1;
    if (this.away) throw new Error('the database is away');
    return new Map([...this.stock].filter(([sku]) => skus.includes(sku)));
  }

  async findAll(skus: readonly string[]) {
    const found = [...this.stock].filter(([sku]) => skus.includes(sku));
    return found.map(([sku, available]) => ({
      view: {
        sku,
        available,
        name: sku,
        category: 'kitchen',
        price: { amount: 1_000_000_000_000, currency: 'EUR' },
        weightGrams: 300,
        taxClass: 'reduced' as const,
      },
      revision: 4,
    }));
  }
}

let catalogue: FakeCatalogue;
let clock: HandClock;
let loopback: Loopback;
beforeEach(async () => {
  catalogue = new FakeCatalogue();
  clock = new HandClock();
  loopback = await Loopback.start({
    api: catalogueApi,
    module: {
      controllers: [CatalogueRpc],
      providers: [
        ProductFinder,
        AvailabilityWatch,
        { provide: CatalogueRepository, useValue: catalogue },
        { provide: CLOCK, useValue: clock },
      ],
    },
  });
});
afterEach(() => loopback.close());

/** Watches products, and records what it receives. */
function watching(...skus: string[]) {
  const told: string[] = [];
  const failures: { code?: string }[] = [];
  const subscription = loopback
    .caller()
    .stream<Availability>('WatchAvailability', { skus }, soon)
    .subscribe({
      next: ({ sku, available }) => told.push(`${sku} ${available}`),
      error: (error: { code?: string }) => failures.push(error),
    });
  return { told, failures, stop: () => subscription.unsubscribe() };
}

describe('the catalogue by gRPC', () => {
  it('finds the products that exist, with amounts that stay exact, and names the others', async () => {
    const request = { skus: ['MUG', 'NONE'] };
    const found = await loopback.caller().call<FindProductsResponse>('FindProducts', request, soon);
    expect(found.unknownSkus).toEqual(['NONE']);
    expect(found.products).toMatchObject([
      {
        sku: 'MUG',
        name: 'MUG',
        category: 'kitchen',
        price: { amount: 1_000_000_000_000, currency: 'EUR' },
        weightGrams: 300,
        taxClass: 'reduced',
        version: 4,
        available: 7,
      },
    ]);
  });

  it('tells what can be bought, in the order asked', async () => {
    const request = { skus: ['PEN', 'MUG'] };
    const answer = await loopback
      .caller()
      .call<GetAvailabilityResponse>('GetAvailability', request, soon);
    expect(answer.products.map(({ available }) => available)).toEqual([3, 7]);
  });

  it('names every product that does not exist', async () => {
    const asked = loopback.caller().call('GetAvailability', { skus: ['A', 'MUG', 'B'] }, soon);
    await expect(asked).rejects.toMatchObject({ code: 'unknown_sku', about: { skus: 'A,B' } });
  });

  it.each([[[]], [['lower']], [Array.from({ length: 101 }, (_, n) => `SKU-${n}`)]])(
    'refuses what are no 1 to 100 SKUs',
    async (skus) => {
      for (const method of ['FindProducts', 'GetAvailability']) {
        const asked = loopback.caller().call(method, { skus }, soon);
        await expect(asked).rejects.toMatchObject({
          status: 'INVALID_ARGUMENT',
          code: 'invalid_request',
        });
      }
    },
  );
});

describe('watching what can be bought', () => {
  it('tells each change once, whatever stays the same', async () => {
    const { told, stop } = watching('MUG', 'PEN', 'MUG');
    await until(() => told.length === 2);
    catalogue.stock.set('MUG', 6);
    clock.advance(500);
    await until(() => told.length === 3);
    const { looks } = catalogue;
    clock.advance(500);
    await until(() => catalogue.looks > looks);
    expect(told).toEqual(['MUG 7', 'PEN 3', 'MUG 6']);
    stop();
  });

  it('looks once for all who watch, and no more when nobody does', async () => {
    const watchers = [watching('MUG'), watching('PEN'), watching('MUG', 'PEN')];
    await until(() => watchers.every(({ told }) => told.length > 0));
    expect(catalogue.looks).toBe(3);
    clock.advance(500);
    await until(() => catalogue.looks === 4);
    for (const { stop } of watchers) stop();
    const asked = loopback.caller().call('GetAvailability', { skus: ['MUG'] }, soon);
    await asked;
    clock.advance(5_000);
    await loopback.caller().call('GetAvailability', { skus: ['MUG'] }, soon);
    expect(catalogue.looks).toBe(6);
  });

  it('ends when the database is away, so that nobody takes old numbers for new ones', async () => {
    const { told, failures } = watching('MUG');
    await until(() => told.length === 1);
    catalogue.away = true;
    clock.advance(500);
    await until(() => failures.length === 1);
    catalogue.away = false;
    const again = watching('MUG');
    await until(() => again.told.length === 1);
    again.stop();
  });

  it('is refused for a product that does not exist', async () => {
    const { failures } = watching('MUG', 'NONE');
    await until(() => failures.length === 1);
    expect(failures[0]).toMatchObject({ status: 'NOT_FOUND', code: 'unknown_sku' });
  });
});
