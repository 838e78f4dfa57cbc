import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { embeddedBroker } from '@waybill/embedded-broker';
import { oneBroker } from '@waybill/messaging';
import { type RunningService, startService } from '@waybill/service';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import { OrderModule } from './order.module.ts';
import { orderInvariants } from './storage/order.invariants.ts';
import { orderStorage } from './storage/order.storage.ts';
import { AnsweringNeighbours } from './testing/answering-neighbours.ts';
import { address } from './testing/order.fixtures.ts';

const broker = embeddedBroker();
const neighbours = new AnsweringNeighbours(broker);
let database: TestDatabase;
const replicas: RunningService[] = [];

beforeAll(async () => {
  database = await testDatabase(orderStorage);
  await neighbours.start();
  for (const migrate of [true, false]) {
    replicas.push(
      await startService(OrderModule, {
        brokers: oneBroker(broker),
        migrate,
        listen: null,
        tokenVerifier: {
          verify: (token) => ({
            id: token,
            name: token,
            email: `${token}@example.com`,
            roles: token === 'ops' ? ['operator'] : [],
          }),
        },
        env: {
          DATABASE_URL: database.url,
          LOG_LEVEL: 'silent',
          SERVICE_SECRET: 'a-secret-for-tests-of-32-characters-or-more',
        },
      }),
    );
  }
  await neighbours.openCatalogue();
}, 60_000);
afterAll(async () => {
  for (const replica of replicas) await replica.close();
  await broker.close();
  await database?.close();
});

const body = {
  lines: [{ sku: 'LAPTOP-13', quantity: 1 }],
  shippingAddress: address,
  shippingMethod: 'standard',
  payment: { method: 'card', token: 'tok_visa' },
};
const at = (n: number) => replicas[n % replicas.length] as RunningService;
const asAda = { authorization: 'Bearer ada' };
/** A busy machine refuses with 503, and the client comes again. */
async function post(replica: RunningService, headers: Record<string, string> = {}, parts = {}) {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await replica.app.inject({
      method: 'POST',
      url: '/api/v1/orders',
      payload: { ...body, ...parts },
      headers: { ...asAda, ...headers },
    });
    if (answer.statusCode !== 503 || attempt === 20) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100 * attempt));
  }
}
const settled = async (replica: RunningService, id: string): Promise<string> => {
  const url = `/api/v1/orders/${id}?wait=20s`;
  return (await replica.app.inject({ method: 'GET', url, headers: asAda })).json().status;
};
/** The violated invariants once no saga is running, or after ten seconds. */
const violations = async (): Promise<readonly string[]> => {
  const end = performance.now() + 10_000;
  for (;;) {
    const found = await orderInvariants(database.dataSource);
    if (found.length === 0 || performance.now() > end) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

describe('two replicas of the order service', () => {
  it('give one order to one key, also when it comes to both at the same time', async () => {
    for (let round = 0; round < 20; round += 1) {
      const headers = { 'idempotency-key': `key-${round}` };
      const [one, two] = await Promise.all([post(at(0), headers), post(at(1), headers)]);
      expect([one.statusCode, two.statusCode]).toEqual([202, 202]);
      expect(two.body).toBe(one.body);
    }
    const { rows } = await database.pool.query('select count(*)::int n from orders');
    expect(rows[0].n).toBe(20);
  });

  it('confirm every order, wherever it was placed, and show it to whoever waits at the other', async () => {
    const placed = await Promise.all(Array.from({ length: 40 }, (_, n) => post(at(n))));
    const ids = placed.map((answer) => answer.json().id as string);
    const ends = await Promise.all(ids.map((id, n) => settled(at(n + 1), id)));
    expect(new Set(ends)).toEqual(new Set(['confirmed']));
    // No more than wait for one another at a replica.
    const pdfs = await Promise.all(
      ids
        .slice(0, 20)
        .map((id, n) =>
          at(n).app.inject({ url: `/api/v1/orders/${id}/invoice.pdf`, headers: asAda }),
        ),
    );
    expect(new Set(pdfs.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
    expect(await violations()).toEqual([]);
    const { rows } = await database.pool.query(
      'select count(distinct order_id)::int orders, max(sequence)::int last from invoices',
    );
    expect(rows).toEqual([{ orders: 60, last: 60 }]);
  }, 30_000);

  it('give the 50 uses of a voucher to 50 of 200 orders that come to both, and take back those that come to nothing', async () => {
    const created = await at(0).app.inject({
      method: 'POST',
      url: '/api/v1/vouchers',
      payload: { code: 'FIFTY', percent: 10, maxUses: 50 },
      headers: { authorization: 'Bearer ops' },
    });
    expect(created.statusCode).toBe(201);
    const placed = await Promise.all(
      Array.from({ length: 200 }, (_, n) => {
        const payment = { method: 'card', token: n % 4 ? 'tok_visa' : 'tok_declined' };
        return post(at(n), {}, { voucherCode: 'FIFTY', payment });
      }),
    );
    const accepted = placed.filter(({ statusCode }) => statusCode === 202);
    const refused = placed.filter(({ statusCode }) => statusCode === 422);
    // A use that is given back meanwhile may be taken again.
    const counts = await Promise.all(accepted.map((answer, n) => settled(at(n), answer.json().id)));
    const confirmed = counts.filter((status) => status === 'confirmed').length;
    expect(confirmed).toBeLessThanOrEqual(50);
    expect(accepted.length + refused.length).toBe(200);
    expect(new Set(refused.map((answer) => answer.json().code))).toEqual(
      new Set(['voucher_used_up']),
    );
    const { rows: placedWithIt } = await database.pool.query(
      `select count(*)::int n from orders where content->'voucher'->>'code' = 'FIFTY'`,
    );
    expect(placedWithIt).toEqual([{ n: accepted.length }]);
    expect(accepted.length).toBeGreaterThanOrEqual(50);
    expect(await violations()).toEqual([]);
    const { rows } = await database.pool.query(`select uses from vouchers where code = 'FIFTY'`);
    expect(rows[0].uses).toBe(confirmed);
  }, 60_000);

  it('confirm every order although one of them leaves meanwhile', async () => {
    const placed = await Promise.all(Array.from({ length: 40 }, (_, n) => post(at(n))));
    const ids = placed.map((answer) => answer.json().id as string);
    await replicas.pop()?.close();
    const ends = await Promise.all(ids.map((id) => settled(at(0), id)));
    expect(new Set(ends)).toEqual(new Set(['confirmed']));
    expect(await violations()).toEqual([]);
  }, 30_000);
});
