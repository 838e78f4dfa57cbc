import { describe, expect, it } from '@jest/globals';
import { moneyOf } from './portable/promises.ts';
import { placeDoomedOrders, rejectionTests } from './portable/rejections.tests.ts';
import { useTarget } from './portable/target.ts';
import type { Client, OrderView } from './system/client.ts';
import { eventually } from './system/eventually.ts';
import { sendBack } from './system/returning-shopper.ts';
import { useSystem } from './system/test-system.ts';

describe('the system with Stripe as its payment provider (a double)', () => {
  const system = useSystem({ PAYMENT_PROVIDER: 'stripe' });
  const target = useTarget(() => system().url);
  const placed = placeDoomedOrders(target);

  const paidWith = async (ada: Client, token: string) =>
    (await ada.placeOrder({ payment: { method: 'card', token } })).body;

  it.each(['tok_visa', 'pm_card_mastercard'])(
    'confirms an order that is paid with %s, and charges it once',
    async (token) => {
      const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
      const { id } = await paidWith(ada, token);
      expect(await ada.settled(id)).toMatchObject({ status: 'confirmed' });
      const payment = await ops.read('/api/v1/payments/{orderId}', { path: { orderId: id } });
      expect(payment).toMatchObject({ provider: 'stripe', status: 'captured' });
      expect(payment.chargeId).toMatch(/^pi_/);
      expect(await moneyOf(ops, id)).toMatchObject({ twice: [], left: ['provider_balance'] });
    },
  );

  rejectionTests(target, placed);

  /** An order that waits for its customer, who finds the page of the provider. */
  async function asked(ada: Client): Promise<{ order: OrderView; page: string }> {
    const { id } = await paidWith(ada, 'tok_3ds');
    const order = await eventually('its customer is asked', async () => {
      const found = await ada.order(id, '1s');
      return found.payment.actionUrl !== null && found;
    });
    return { order, page: order.payment.actionUrl ?? '' };
  }

  it.each([
    ['approve', 'confirmed', 'captured'],
    ['decline', 'rejected', 'declined'],
  ])('waits for a customer to %s: the order is %s', async (decision, status, payment) => {
    const ada = await target().as('ada');
    const { order, page } = await asked(ada);
    expect((await fetch(`${page}/${decision}`, { method: 'POST' })).status).toBe(200);
    expect(await ada.settled(order.id)).toMatchObject({ status, payment: { status: payment } });
  });

  it('ends a payment that its customer has not confirmed when the order is cancelled', async () => {
    const ada = await target().as('ada');
    const { order, page } = await asked(ada);
    await ada.cancel(order.id);
    await target().reaches(ada, order.id, 'cancelled');
    await eventually('the page says so', async () => {
      const answer = await fetch(`${page}/approve`, { method: 'POST' });
      return (await answer.text()).includes('This payment is no longer needed.');
    });
  });

  it('refunds a cancelled order', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const order = await ada.buy();
    await ada.cancel(order.id);
    const { payment } = await target().reaches(ada, order.id, 'cancelled');
    expect(payment).toMatchObject({ status: 'refunded', refunded: order.total });
    expect(await moneyOf(ops, order.id)).toMatchObject({ left: [], twice: [] });
  });

  it('refunds a part of an order that comes back, and the rest when that does', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const sku = await target().product(5);
    const { id } = await ada.buy({ lines: [{ sku, quantity: 2 }] });
    const deliver = (orderId: string) => system().sandboxes.moveParcel(orderId, 'delivered');
    const returning = { share: 1, deliver, operator: ops };
    for (const status of ['partially_refunded', 'refunded']) {
      const lines = [{ sku, quantity: 1 }];
      expect(await sendBack(ada, returning, { id, lines }, () => true)).toBe(true);
      await eventually(
        'it is refunded',
        async () => (await ada.order(id)).payment.status === status,
      );
    }
  });

  it('cancels an order that is disputed, and its customer is paid once', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const order = await ada.buy();
    await system().sandboxes.openDispute(order.id);
    const cancelled = await target().reaches(ada, order.id, 'cancelled');
    expect(cancelled).toMatchObject({ disputed: true, payment: { refunded: order.total } });
    const { provider } = await system().sandboxes.ledgers();
    const sums = provider.find(({ orderId }) => orderId === order.id);
    expect(sums).toMatchObject({ captured: order.total.amount, refunded: order.total.amount });
    expect(await moneyOf(ops, order.id)).toMatchObject({ left: [], twice: [] });
  });

  it('takes webhooks of Stripe alone, and none without its signature', async () => {
    const event = { id: 'evt_1', type: 'payment_intent.succeeded', created: 1 };
    const post = (provider: string) =>
      target().anonymous().post(`/api/v1/payments/${provider}/webhooks`, event);
    expect((await post('stripe')).status).toBe(401);
    expect((await post('sandbox')).status).toBe(404);
  });

  it('leaves every invariant intact', async () => {
    expect(await system().verify()).toEqual([]);
  });
});
