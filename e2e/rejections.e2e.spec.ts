import { afterEach, describe, expect, it } from '@jest/globals';
import { anAddress, anOrderRequest } from '@waybill/testing';
import type { Client, OrderView, ProblemView } from './system/client.ts';
import { stockOf, stockUp } from './system/products.ts';
import { useSystem } from './system/test-system.ts';

describe('an order that cannot be fulfilled', () => {
  const system = useSystem({ PAYMENT_GIVE_UP_AFTER: '8s' });
  let next = 0;

  afterEach(async () => {
    await system().sandboxes.carrierFaults({});
    await system().sandboxes.providerFaults({});
  });

  /** Orders two of five units that only this order wants, so that what was undone can be seen. */
  async function orderOfOwnProduct(token: string): Promise<{ order: OrderView; sku: string }> {
    next += 1;
    const sku = `COMPASS-${next}`;
    await stockUp(await system().as('ops'), sku, 5);
    const order = await (await system().as('ada')).buy({
      lines: [{ sku, quantity: 2 }],
      payment: { method: 'card', token },
    });
    return { order, sku };
  }

  async function expectUndone(operator: Client, order: OrderView, sku: string): Promise<void> {
    expect(await stockOf(operator, sku)).toMatchObject({ available: 5, reserved: 0, sold: 0 });
    const { provider, carriers } = await system().sandboxes.ledgers();
    const sums = provider.find(({ orderId }) => orderId === order.id);
    expect(sums?.captured ?? 0).toBe(0);
    expect(sums?.voided ?? 0).toBe(sums?.authorized ?? 0);
    const parcels = carriers.filter(({ operationId }) => operationId.startsWith(order.id));
    expect(parcels.filter(({ status }) => status === 'booked')).toEqual([]);
  }

  it.each([
    ['tok_declined', 'payment_declined'],
    ['tok_insufficient_funds', 'payment_declined'],
    ['tok_expired_card', 'payment_declined'],
    ['tok_unavailable', 'payment_unavailable'],
    ['tok_capture_fails', 'payment_declined'],
  ])('with %s is rejected as %s, and everything is undone', async (token, reason) => {
    const { order, sku } = await orderOfOwnProduct(token);
    expect(order).toMatchObject({ status: 'rejected', reason });
    await expectUndone(await system().as('ops'), order, sku);
  });

  it('is rejected as out_of_stock when a line is short, and takes nothing of the others', async () => {
    const [ada, ops] = await Promise.all([system().as('ada'), system().as('ops')]);
    await stockUp(ops, 'SEXTANT', 5);
    await stockUp(ops, 'SPYGLASS', 1);
    const lines = [
      { sku: 'SEXTANT', quantity: 5 },
      { sku: 'SPYGLASS', quantity: 2 },
    ];
    const order = await ada.buy({ lines });
    expect(order).toMatchObject({ status: 'rejected', reason: 'out_of_stock' });
    expect(await stockOf(ops, 'SEXTANT')).toMatchObject({ available: 5, reserved: 0 });
    const { provider } = await system().sandboxes.ledgers();
    expect(provider.map(({ orderId }) => orderId)).not.toContain(order.id);
  });

  it.each([
    ['is down', { down: true }],
    ['refuses the parcel', { refuseBookings: 1 }],
  ])('is rejected as shipping_unavailable when every carrier %s', async (_, faults) => {
    await system().sandboxes.carrierFaults(faults);
    const { order, sku } = await orderOfOwnProduct('tok_visa');
    expect(order).toMatchObject({ status: 'rejected', reason: 'shipping_unavailable' });
    await system().sandboxes.carrierFaults({});
    await expectUndone(await system().as('ops'), order, sku);
  });

  it.each([
    ['express', 31_500],
    ['standard', 1_000_000],
  ])(
    'by %s above %i g is refused when it is placed, and carried up to that',
    async (method, grams) => {
      const [ada, ops] = await Promise.all([system().as('ada'), system().as('ops')]);
      const [heavy, light] = [`ANVIL-${grams}`, `FEATHER-${grams}`];
      await stockUp(ops, heavy, 5, { weightGrams: grams });
      await stockUp(ops, light, 5, { weightGrams: 1 });
      const lines = [{ sku: heavy, quantity: 1 }];
      const order = await ada.buy({ lines, shippingMethod: method });
      expect(order.status).toBe('confirmed');
      const tooHeavy = { lines: [...lines, { sku: light, quantity: 1 }], shippingMethod: method };
      const refused = await ada.post<ProblemView>('/api/v1/orders', anOrderRequest(tooHeavy));
      expect([refused.status, refused.body.code]).toEqual([422, 'parcel_too_heavy']);
      expect(refused.body.errors?.[0]?.path).toBe('/lines');
      expect(await stockOf(ops, light)).toMatchObject({ available: 5, reserved: 0 });
      // Wherever the parcel goes, the carriers say the same of it.
      for (const country of ['DE', 'AT', 'CH', 'US']) {
        const shippingAddress = anAddress({ country });
        const methodsFor = async (asked: object[]): Promise<string[]> => {
          const body = { lines: asked, shippingAddress };
          const quotes = await ada.post<{ quotes: { method: string }[] }>(
            '/api/v1/shipping/quotes',
            body,
          );
          return quotes.body.quotes.map((quote) => quote.method);
        };
        expect(await methodsFor(lines)).toContain(method);
        expect(await methodsFor(tooHeavy.lines)).not.toContain(method);
      }
    },
  );

  it('costs nobody anything when the provider was not there: rejected, or confirmed once it is back', async () => {
    const ada = await system().as('ada');
    await system().sandboxes.providerFaults({ down: true });
    const placed = await Promise.all(Array.from({ length: 20 }, () => ada.placeOrder()));
    const first = await ada.settled(placed[0]?.body.id ?? '');
    expect(first).toMatchObject({ status: 'rejected', reason: 'payment_unavailable' });
    await system().sandboxes.providerFaults({});
    for (const { body } of placed) {
      const { status } = await ada.settled(body.id);
      expect(['confirmed', 'rejected']).toContain(status);
    }
    expect(await system().verify()).toEqual([]);
  });

  it.each(['tok_timeout_then_success', 'tok_error_then_success'])(
    'only looks so with %s: it is confirmed, with one charge at the provider',
    async (token) => {
      const ada = await system().as('ada');
      const order = await ada.buy({ payment: { method: 'card', token } });
      expect(order.status).toBe('confirmed');
      const { provider } = await system().sandboxes.ledgers();
      const sums = provider.filter(({ orderId }) => orderId === order.id);
      expect(sums).toEqual([
        expect.objectContaining({ charges: 1, captured: order.total.amount, voided: 0 }),
      ]);
    },
  );

  it('delays nobody: while slow cards wait for their provider, others are confirmed', async () => {
    const ada = await system().as('ada');
    const slow = await Promise.all(
      Array.from({ length: 20 }, () =>
        ada.placeOrder({ payment: { method: 'card', token: 'tok_slow' } }),
      ),
    );
    const quick = await Promise.all(Array.from({ length: 10 }, () => ada.buy()));
    expect(quick.map(({ status }) => status)).toEqual(quick.map(() => 'confirmed'));
    const states = await Promise.all(slow.map(({ body }) => ada.order(body.id)));
    expect(states.map(({ status }) => status)).toContain('pending');
    for (const { body } of slow) expect((await ada.settled(body.id)).status).toBe('confirmed');
  });

  it('leaves every invariant intact', async () => {
    expect(await system().verify()).toEqual([]);
  });
});
