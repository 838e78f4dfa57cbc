import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '@waybill/contracts';
import { emptyBatch } from '@waybill/messaging';
import { PgStore } from '@waybill/persistence';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import { emptyShipment, type Move, type Shipment } from '../domain/shipment.ts';
import { parcelOf } from '../testing/shipping.bench.ts';
import { publishedShipments } from './published-shipments.ts';
import { shipments } from './shipment.entity.ts';
import { shippingStorage } from './shipping.storage.ts';

const { address, method, weightGrams } = parcelOf(newId());
const booking = {
  ...{ address, method, weightGrams },
  ...{ trackingNumber: 'HR1', costAmount: 490, costCurrency: 'EUR' },
};
const now = new Date('2026-01-02T03:04:05.678Z');
const dayBefore = new Date('2026-01-01T03:04:05.678Z');
let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase(shippingStorage);
}, 60_000);
afterAll(() => database?.close());

async function stored(change: Partial<Shipment>): Promise<Shipment> {
  const empty = emptyShipment(newId(), 'quoted', { now, id: () => newId() });
  const value = { ...empty, carrier: 'heron', ...change };
  const row = { table: shipments as never, id: value.orderId, value, loaded: 0, version: 1 };
  await new PgStore(database.pool, database.tables).commit({ ...emptyBatch, states: [row] });
  return value;
}

async function told(since: Date): Promise<string[]> {
  const found: string[] = [];
  for await (const { message } of publishedShipments({ dataSource: database.dataSource, since })) {
    const { orderId, status = '' } = message.data as { orderId: string; status?: string };
    found.push(`${orderId} ${message.contract.type} ${status}`.trim());
  }
  return found.sort();
}

it('goes on at carriers with what is open, and tells each move that was told', async () => {
  const quoted = await stored({ status: 'quoted' });
  const withdrawing = await stored({ status: 'withdrawing' });
  const cancelling = await stored({ status: 'cancel_pending' });
  const facts = (['delivered', 'picked_up'] as Move[]).map((status) => ({
    status,
    at: now.toISOString(),
  }));
  const moved = await stored({ status: 'picked_up', facts, ...booking });
  await stored({ status: 'booked', ...booking, trackingNumber: 'HR2' });
  await stored({ status: 'undone', carrier: null });
  const open = [
    `${quoted.orderId} shipping.book-at-carrier`,
    `${withdrawing.orderId} shipping.withdraw-booking`,
    `${cancelling.orderId} shipping.settle-cancel`,
  ];

  const moves = [`${moved.orderId} shipping.shipment-moved picked_up`];
  expect(await told(dayBefore)).toEqual([...open, ...moves].sort());
  expect(await told(new Date(now.getTime() + 1))).toEqual(open.sort());
});
