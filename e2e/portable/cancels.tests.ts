import { expect, it } from '@jest/globals';
import type { OrderView, ProblemView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { stockOf } from '../system/products.ts';
import { carrierTells } from './carrier.ts';
import { moneyOf, sagaOf, settledSagaOf } from './promises.ts';
import type { Target } from './target.ts';

/** Orders that their customers cancel. */
export function cancelTests(target: () => Target): void {
  const eventsOf = async (id: string): Promise<string[]> => {
    const ada = await target().as('ada');
    const events = await ada.all('/api/v1/orders/{id}/events', { path: { id } });
    return events.map(({ type }) => type);
  };

  /** Nothing is sold or kept of an order of two of five units of a product. */
  async function expectGivenBack(order: OrderView, sku: string): Promise<void> {
    const ops = await target().as('ops');
    expect(order.shipments.filter(({ status }) => status !== 'cancelled')).toEqual([]);
    expect(await stockOf(ops, sku)).toMatchObject({
      available: 5,
      reserved: 0,
      sold: 0,
      onHand: 5,
    });
    expect(order.payment.refunded).toEqual(order.payment.captured);
    // Without an id, nothing was authorized, and payment may not know the order.
    if (order.payment.id === null) return;
    await eventually('its money is given back', async () => {
      const { captured, refunded, left } = await moneyOf(ops, order.id);
      return captured === refunded && left.length === 0;
    });
  }

  it('of a confirmed order stops its parcel and gives money and goods back', async () => {
    const ada = await target().as('ada');
    const sku = await target().product(5);
    const { id, total } = await ada.buy({ lines: [{ sku, quantity: 2 }] });
    const asked = await ada.cancel(id, 'Ich hab\u2019s mir anders \u00fcberlegt');
    expect(asked).toMatchObject({ id, cancelReason: 'Ich hab\u2019s mir anders \u00fcberlegt' });
    const order = await target().reaches(ada, id, 'cancelled');
    expect(order).toMatchObject({ reason: null, cancelReason: asked.cancelReason });
    expect(order.payment).toMatchObject({ status: 'refunded', captured: total, refunded: total });
    await expectGivenBack(order, sku);
    const ops = await target().as('ops');
    expect(await settledSagaOf(ops, id)).toMatchObject({
      saga: 'cancel-order',
      state: 'completed',
    });
    expect((await sagaOf(ops, `place-order:${id}`)).state).toBe('completed');
    expect((await eventsOf(id)).slice(-5)).toEqual([
      'cancel-requested',
      'cancelling',
      'shipment-cancelled',
      'payment-refunded',
      'cancelled',
    ]);
  });

  it('of a pending order undoes what was done for it', async () => {
    const ada = await target().as('ada');
    const sku = await target().product(5);
    const payment = { method: 'card', token: 'tok_slow' };
    const { id } = (await ada.placeOrder({ lines: [{ sku, quantity: 2 }], payment })).body;
    const ops = await target().as('ops');
    await eventually('its provider is asked', async () => {
      return (await sagaOf(ops, id)).step === 'authorize-payment';
    });
    const asked = await ada.cancel(id);
    expect(asked).toMatchObject({ reason: null, cancelReason: 'changed my mind' });
    expect(asked.status).toMatch(/^cancell(ing|ed)$/);
    const order = await target().reaches(ada, id, 'cancelled');
    expect(order.payment.captured.amount).toBe(0);
    await expectGivenBack(order, sku);
    await eventually('its money is free', async () => (await moneyOf(ops, id)).left.length === 0);
    const saga = await settledSagaOf(ops, id);
    expect(saga).toMatchObject({ saga: 'place-order', state: 'aborted', reason: 'cancelled' });
  });

  it('of an order that is just placed or just confirmed works at any moment', async () => {
    const ada = await target().as('ada');
    const sku = await target().product(5);
    for (const token of ['tok_visa', 'tok_mastercard', 'tok_timeout_then_success']) {
      const payment = { method: 'card', token };
      const { body } = await ada.placeOrder({ lines: [{ sku, quantity: 2 }], payment });
      await ada.cancel(body.id);
      const order = await target().reaches(ada, body.id, 'cancelled');
      await expectGivenBack(order, sku);
    }
  });

  it('that comes again gets the same order, and changes nothing', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const { id } = await ada.buy();
    const answers = await Promise.all(['one', 'two', 'three'].map((why) => ada.cancel(id, why)));
    expect(new Set(answers.map(({ cancelReason }) => cancelReason)).size).toBe(1);
    const order = await target().reaches(ada, id, 'cancelled');
    expect(await ada.cancel(id, 'four')).toEqual(order);
    // Operators see no personal data unless they give a reason.
    const { shippingAddress: _, ...theRest } = order;
    expect(await ops.cancel(id, 'five')).toMatchObject(theRest);
    const types = await eventsOf(id);
    expect(types.filter((type) => type === 'cancel-requested')).toHaveLength(1);
    expect(types.filter((type) => type === 'payment-refunded')).toHaveLength(1);
    expect((await moneyOf(ops, id)).twice).toEqual([]);
  });

  it.each(['picked_up', 'delivered'] as const)(
    'of an order whose parcel is %s is refused',
    async (status) => {
      const ada = await target().as('ada');
      const order = await ada.buy();
      for (const each of ['picked_up', 'in_transit', 'delivered'] as const) {
        await carrierTells(target(), order, each);
        if (each === status) break;
      }
      const state = status === 'picked_up' ? 'shipped' : 'delivered';
      const shipped = await target().reaches(ada, order.id, state);
      const late = await ada.post<ProblemView>(`/api/v1/orders/${order.id}/cancel`, {
        reason: 'x',
      });
      expect([late.status, late.body.code]).toEqual([409, 'wrong_state']);
      expect(late.body.detail).toContain(`is ${state}`);
      expect(await ada.order(order.id)).toEqual(shipped);
    },
  );

  it('of a rejected order is refused', async () => {
    const ada = await target().as('ada');
    const order = await ada.buy({ payment: { method: 'card', token: 'tok_declined' } });
    const late = await ada.post<ProblemView>(`/api/v1/orders/${order.id}/cancel`, { reason: 'x' });
    expect([late.status, late.body.code]).toEqual([409, 'wrong_state']);
  });

  it('of an order of somebody else is not possible, unless by an operator', async () => {
    const [ada, grace, ops] = await Promise.all([
      target().as('ada'),
      target().as('grace'),
      target().as('ops'),
    ]);
    const { id } = await ada.buy();
    const refused = await grace.post<ProblemView>(`/api/v1/orders/${id}/cancel`, { reason: 'x' });
    expect([refused.status, refused.body.code]).toEqual([404, 'not_found']);
    expect((await ada.order(id)).status).toBe('confirmed');
    await ops.cancel(id, 'asked by telephone');
    await target().reaches(ada, id, 'cancelled');
  });

  it.each([
    ['no reason', {}, '/reason'],
    ['an empty one', { reason: '' }, '/reason'],
    ['one that shows nothing', { reason: ' \u200b ' }, '/reason'],
    ['one with a control character', { reason: 'too\u0007late' }, '/reason'],
    ['one of two lines', { reason: 'too\nlate' }, '/reason'],
    ['one that is too long', { reason: 'x'.repeat(301) }, '/reason'],
    ['one that is no text', { reason: 7 }, '/reason'],
    ['another property', { reason: 'too late', force: true }, '/force'],
  ])('with %s is refused, and names it', async (_, body, path) => {
    const ada = await target().as('ada');
    const { id } = (await ada.placeOrder()).body;
    const refused = await ada.post<ProblemView>(`/api/v1/orders/${id}/cancel`, body);
    expect(refused.status).toBe(400);
    expect(new Set(refused.body.errors?.map((error) => error.path))).toEqual(new Set([path]));
    expect((await ada.settled(id)).status).toBe('confirmed');
  });
}
