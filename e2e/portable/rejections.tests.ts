import { beforeAll, expect, it } from '@jest/globals';
import type { Schemas } from '@waybill/client';
import { anAddress } from '@waybill/testing';
import type { Client, OrderView, ProblemView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { stockOf } from '../system/products.ts';
import { moneyOf, settledSagaOf, undoing } from './promises.ts';
import type { Target } from './target.ts';

/** Payment tokens, and the reason of the rejection. */
const doomed = [
  ['tok_declined', 'payment_declined'],
  ['tok_insufficient_funds', 'payment_declined'],
  ['tok_expired_card', 'payment_declined'],
  ['tok_capture_fails', 'payment_declined'],
  ['tok_unavailable', 'payment_unavailable'],
] as const;

interface Doomed {
  readonly sku: string;
  readonly order: OrderView;
}

/**
 * Places orders that will be rejected, each for two of five units of its own product. Call it before all other
 * tests: the order whose provider never responds takes long, and other tests can run in the meantime.
 */
export function placeDoomedOrders(target: () => Target): ReadonlyMap<string, Doomed> {
  const placed = new Map<string, Doomed>();
  beforeAll(async () => {
    const ada = await target().as('ada');
    for (const [token] of doomed) {
      const sku = await target().product(5);
      const lines = [{ sku, quantity: 2 }];
      const { body: order } = await ada.placeOrder({ lines, payment: { method: 'card', token } });
      placed.set(token, { sku, order });
    }
  });
  return placed;
}

/** Why orders are rejected, and that all earlier steps are undone. */
export function rejectionTests(
  target: () => Target,
  placed: ReturnType<typeof placeDoomedOrders>,
): void {
  it.each(doomed)('with %s is rejected as %s, and everything is undone', async (token, reason) => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const { sku, order } = placed.get(token) as Doomed;
    expect(await ada.settled(order.id)).toMatchObject({ status: 'rejected', reason });
    expect(await stockOf(ops, sku)).toMatchObject({ available: 5, reserved: 0, sold: 0 });
    await eventually('its money is free', async () => {
      const { left, captured } = await moneyOf(ops, order.id);
      return left.length === 0 && captured === 0;
    });
    const { shipments } = await ada.order(order.id);
    expect(shipments.filter(({ status }) => status !== 'cancelled')).toEqual([]);
    const { due, done } = undoing(await settledSagaOf(ops, order.id));
    expect(done).toEqual(due);
  });

  it.each([
    ['express', 31_500],
    ['standard', 1_000_000],
  ])(
    'by %s above %i g is refused when it is placed, and carried up to that',
    async (shippingMethod, grams) => {
      const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
      const heavy = await target().product(5, { weightGrams: grams });
      const light = await target().product(5, { weightGrams: 1 });
      const lines = [{ sku: heavy, quantity: 1 }];
      expect((await ada.buy({ lines, shippingMethod })).status).toBe('confirmed');
      const tooHeavy = [...lines, { sku: light, quantity: 1 }];
      const wanted = ada.request({ lines: tooHeavy, shippingMethod });
      const { status, body } = await ada.served(() =>
        ada.post<ProblemView>('/api/v1/orders', wanted),
      );
      expect([status, body.code]).toEqual([422, 'parcel_too_heavy']);
      expect(body.errors?.[0]?.path).toBe('/lines');
      expect(await stockOf(ops, light)).toMatchObject({ available: 5, reserved: 0 });
      // The carriers' limits are the same for every country.
      for (const country of ['DE', 'AT', 'CH', 'US']) {
        expect(await methodsFor(ada, lines, country)).toContain(shippingMethod);
        expect(await methodsFor(ada, tooHeavy, country)).not.toContain(shippingMethod);
      }
    },
  );

  it('is rejected as out_of_stock when a line is short, and takes nothing of the others', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const enough = await target().product(5);
    const short = await target().product(1);
    const lines = [
      { sku: enough, quantity: 5 },
      { sku: short, quantity: 2 },
    ];
    const order = await ada.buy({ lines });
    expect(order).toMatchObject({ status: 'rejected', reason: 'out_of_stock', shipments: [] });
    for (const [sku, available] of [
      [enough, 5],
      [short, 1],
    ] as const) {
      expect(await stockOf(ops, sku)).toMatchObject({ available, reserved: 0, sold: 0 });
    }
    expect((await ops.get(`/api/v1/payments/${order.id}`)).status).toBe(404);
  });

  it.each(['tok_timeout_then_success', 'tok_error_then_success'])(
    'only looks so with %s: it is confirmed, and charged once',
    async (token) => {
      const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
      const order = await ada.buy({ payment: { method: 'card', token } });
      expect(order).toMatchObject({ status: 'confirmed', reason: null });
      const { captured, left } = await moneyOf(ops, order.id);
      expect([captured, left]).toEqual([order.total.amount, ['provider_balance']]);
    },
  );

  it('sells the last unit once, to one of many who order it at the same moment', async () => {
    const [ada, grace, ops] = await Promise.all([
      target().as('ada'),
      target().as('grace'),
      target().as('ops'),
    ]);
    const sku = await target().product(1);
    const orders = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        (i % 2 ? ada : grace).buy({ lines: [{ sku, quantity: 1 }] }),
      ),
    );
    const rejected = orders.filter(({ status }) => status === 'rejected');
    expect(orders.filter(({ status }) => status === 'confirmed')).toHaveLength(1);
    expect(rejected.map(({ reason }) => reason)).toEqual(Array(19).fill('out_of_stock'));
    await eventually('the unit is sold', async () => (await stockOf(ops, sku)).sold === 1);
    expect(await stockOf(ops, sku)).toMatchObject({ available: 0, reserved: 0 });
  });
}

/** The methods by which any carrier ships these lines to a country, once all of them have answered in time. */
async function methodsFor(
  client: Client,
  lines: Schemas['Line'][],
  country: string,
): Promise<string[]> {
  const body = { lines, shippingAddress: anAddress({ country }) };
  const quotes = await eventually('every carrier answers', async () => {
    const { data } = await client.api.POST('/api/v1/shipping/quotes', { body });
    return data?.missing.length === 0 && data.quotes;
  });
  return quotes.map(({ method }) => method);
}
