import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '@waybill/contracts';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import { flagIdOf, type ProviderEvent } from '../../domain/provider-event.ts';
import { voidFlag } from '../../domain/void.ts';
import { Payment1763700000002 } from './1763700000002-payment.ts';
import { PaymentFlags1795860000001 } from './1795860000001-payment-flags.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase({ tables: [], migrations: [Payment1763700000002] });
}, 60_000);
afterAll(() => database.close());

const at = '2026-01-02T03:04:05.678Z';
const event = (orderId: string, more: Partial<ProviderEvent>): ProviderEvent => ({
  eventId: `evt_${newId()}`,
  type: 'charge.disputed',
  orderId,
  operationId: `${orderId}/authorize-payment`,
  chargeId: 'ch_1',
  amount: 1999,
  currency: 'EUR',
  at,
  ...more,
});

async function storeEvent(stored: ProviderEvent): Promise<void> {
  const { eventId, type, orderId, operationId, chargeId, amount, currency } = stored;
  await database.pool.query('INSERT INTO provider_events VALUES ($1,$2,$3,$4,$5,$6,$7,$8,1)', [
    eventId,
    type,
    orderId,
    operationId,
    chargeId,
    amount,
    currency,
    stored.at,
  ]);
}

const storePayment = (orderId: string): Promise<unknown> =>
  database.pool.query(
    `INSERT INTO payments (order_id, payment_id, status, provider, authorized, captured, refunded, detail,
       flag, created_at, updated_at, version)
     VALUES ($1, $1, 'authorized', 'sandbox', 1, 0, 0, '', 'unknown_charge', $2, $2, 3)`,
    [orderId, at],
  );

it('finds every flag that was forgotten, and keeps those that the release before still writes', async () => {
  const [orderId, other] = [newId(), newId()];
  const flagged = [
    event(orderId, {}),
    event(orderId, { type: 'charge.refunded', operationId: 'dashboard-1' }),
    event(orderId, { type: 'charge.captured', operationId: 'dashboard-2', amount: 5 }),
  ];
  const ours = [
    event(orderId, { type: 'charge.captured', operationId: `${orderId}/capture-payment` }),
    event(orderId, { type: 'charge.refunded', operationId: `${orderId}/refund-payment/r` }),
    event(orderId, { type: 'charge.voided' }),
  ];
  for (const each of [...flagged, ...ours]) await storeEvent(each);
  await storePayment(orderId);
  await storePayment(other);
  await database.pool.query(
    `INSERT INTO provider_calls VALUES ($1, $2, $3, 'void', 'captured', 0, null, null, $4)`,
    [other, newId(), `${other}/authorize-payment`, at],
  );

  const runner = database.dataSource.createQueryRunner();
  await new PaymentFlags1795860000001().up(runner);
  const flagsOf = async (order: string) =>
    (
      await database.pool.query(
        'SELECT id, flag, detail FROM payment_flags WHERE order_id = $1 ORDER BY flag, id',
        [order],
      )
    ).rows;
  const found = await flagsOf(orderId);
  expect(new Set(found.map(({ id }) => id))).toEqual(new Set(flagged.map(flagIdOf)));
  expect(found[0]).toMatchObject({
    flag: 'dispute',
    detail: `charge.disputed of 1999 EUR (${orderId}/authorize-payment)`,
  });
  expect(await flagsOf(other)).toMatchObject([{ id: voidFlag(other), flag: 'unknown_charge' }]);

  const write = (flag: string | null) =>
    database.pool.query(
      'UPDATE payments SET flag = $2, version = version + 1 WHERE order_id = $1',
      [other, flag],
    );
  await write('unknown_charge');
  await write('dispute');
  await write('unknown_charge');
  await write(null);
  expect((await flagsOf(other)).map(({ flag }) => flag)).toEqual([
    'dispute',
    'unknown_charge',
    'unknown_charge',
  ]);

  await new PaymentFlags1795860000001().down(runner);
  await runner.release();
});
