import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Availability } from '@waybill/contracts/grpc';
import { catalogueApi } from '@waybill/contracts/grpc';
import { GrpcController, Refusal, Serves } from '@waybill/grpc';
import { Loopback } from '@waybill/grpc/testing';
import { until } from '@waybill/messaging/testing';
import { concat, NEVER, type Observable, of } from 'rxjs';
import { RemoteAvailability } from './remote-availability.ts';

const mug = { sku: 'MUG', available: 7 };

@GrpcController()
class Inventory {
  @Serves(catalogueApi)
  getAvailability({ skus }: { skus: readonly string[] }) {
    if (!skus.includes('NONE')) return { products: skus.map((sku) => ({ ...mug, sku })) };
    throw new Refusal('NOT_FOUND', 'no', { reason: 'unknown_sku', about: { skus: 'NONE' } });
  }

  @Serves(catalogueApi)
  watchAvailability(): Observable<Availability> {
    return concat(of(mug), NEVER);
  }
}

let inventory: Loopback;
let availability: RemoteAvailability;
beforeEach(async () => {
  inventory = await Loopback.start({ api: catalogueApi, module: { controllers: [Inventory] } });
  availability = new RemoteAvailability(inventory.caller());
});
afterEach(() => inventory.close());

it('reads from inventory, and passes its refusals on however many there are', async () => {
  expect(await availability.read(['MUG', 'PEN'])).toEqual([mug, { ...mug, sku: 'PEN' }]);
  for (let tries = 0; tries < 10; tries += 1) {
    const refused = { code: 'unknown_sku', about: { skus: 'NONE' } };
    await expect(availability.read(['NONE'])).rejects.toMatchObject(refused);
  }
  expect(await availability.read(['MUG'])).toEqual([mug]);
});

it('calls inventory no more for a moment when it stays away', async () => {
  await inventory.transport.stop(0);
  const codes = new Set<string>();
  for (let tries = 0; tries < 10; tries += 1) {
    await availability.read(['MUG']).catch(({ code }) => codes.add(code));
  }
  expect([...codes]).toEqual(['unavailable', 'circuit_open']);
});

it('watches until inventory is lost', async () => {
  const seen: unknown[] = [];
  availability.watch(['MUG']).subscribe({
    next: (value) => seen.push(value),
    error: ({ code }) => seen.push(code),
  });
  await until(() => seen.length === 1);
  await inventory.transport.stop(0);
  await until(() => seen.length === 2);
  expect(seen).toEqual([mug, 'unavailable']);
});
