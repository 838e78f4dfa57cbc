import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, OrderAnnounced } from '@waybill/contracts';
import { ConsumerBench, until } from '@waybill/messaging/testing';
import { PgStore } from '@waybill/persistence';
import { schemaChanges, type TestDatabase, testDatabase } from '@waybill/testing';
import { EmailConsumer } from '../messages/email.consumer.ts';
import { DeliveryRepository } from './delivery.repository.ts';
import { DeliveryEntity } from './notification.entities.ts';
import { notificationInvariants } from './notification.invariants.ts';
import { notificationStorage } from './notification.storage.ts';

let database: TestDatabase;
let bench: ConsumerBench;

beforeAll(async () => {
  database = await testDatabase(notificationStorage);
  const config = { smtpUrl: null, thankYouAfter: 3_600_000 };
  bench = new ConsumerBench([new EmailConsumer(config).email()], {
    service: 'notification',
    store: new PgStore(database.pool, database.tables),
  });
  // Inbox partitions exist only around the database's current time.
  bench.clock.advance(Date.now() - bench.clock.now().getTime());
  await bench.start();
}, 60_000);
afterAll(() => database?.close());

const announced = (orderId: string, status: 'confirmed' | 'rejected' | 'shipped') =>
  OrderAnnounced({
    orderId,
    number: 'W-1001',
    status,
    reason: status === 'rejected' ? 'out_of_stock' : null,
    customer: { id: 'ada', name: 'Ada <Lovelace>', email: 'ada@example.com' },
    lines: [{ sku: 'MUG', quantity: 2 }],
    total: { amount: 2_580, currency: 'EUR' },
    shippingMethod: 'standard',
    country: 'DE',
    at: '2026-01-01T00:00:00.000Z',
  });
const receive = async (...messages: ReturnType<typeof announced>[]) => {
  for (const message of messages) bench.deliver(message, { group: 'notification.email' });
  await until(() => bench.open() === 0);
};

describe('deliveries in the database', () => {
  it('are one for each order and template', async () => {
    const orderId = newId();
    await receive(announced(orderId, 'confirmed'), announced(orderId, 'confirmed'));
    await receive(announced(orderId, 'confirmed'), announced(orderId, 'shipped'));

    const found = await new DeliveryRepository(
      database.dataSource.getRepository(DeliveryEntity),
    ).ofOrder(orderId.toUpperCase());

    expect(found).toMatchObject([
      { template: 'order-confirmed', recipient: 'ada@example.com', status: 'logged' },
      { template: 'order-shipped', news: { number: 'W-1001', customerName: 'Ada <Lovelace>' } },
    ]);
    expect(await notificationInvariants(database.dataSource)).toEqual([]);
  });

  it('honour what a customer wants', async () => {
    await database.pool.query(`insert into preferences values ('ada', false, '[]', 1)`);
    const orderId = newId();
    await receive(announced(orderId, 'confirmed'));
    await database.pool.query('delete from preferences');

    expect(
      await new DeliveryRepository(database.dataSource.getRepository(DeliveryEntity)).ofOrder(
        orderId,
      ),
    ).toMatchObject([{ status: 'suppressed' }]);
  });

  it('are listed in pages, the newest first', async () => {
    for (let n = 0; n < 3; n += 1)
      await receive(announced(newId(), 'rejected'), announced(newId(), 'confirmed'));
    const repository = new DeliveryRepository(database.dataSource.getRepository(DeliveryEntity));

    const all = await repository.list({}, undefined, 100);
    const first = await repository.list({}, undefined, 2);
    const rest = await repository.list({}, first[1], 100);

    expect([...first, ...rest].map(({ id }) => id)).toEqual(all.map(({ id }) => id));
    const times = all.map(({ at }) => at);
    expect(times).toEqual(times.toSorted().reverse());
  });

  it('may not contradict one another', async () => {
    const orderId = newId();
    await receive(announced(orderId, 'confirmed'), announced(orderId, 'rejected'));

    expect(await notificationInvariants(database.dataSource)).toEqual([
      `notification: order ${orderId} was confirmed and rejected`,
    ]);
  });
});

it('has the tables that its entities are', async () => {
  expect(await schemaChanges(database.dataSource)).toEqual([]);
});
