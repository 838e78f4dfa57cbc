import { beforeEach, describe, expect, it } from '@jest/globals';
import { newId, ProductChanged, ProductWithdrawn } from '@waybill/contracts';
import { sagas } from '@waybill/saga';
import { storedAnswers } from '@waybill/service';
import { catalogue } from '../storage/order.entities.ts';
import { OrderBench } from '../testing/order.bench.ts';
import { address, anOrder, laptop } from '../testing/order.fixtures.ts';
import { type Accepted, AcceptOrder } from './order.local.ts';

let bench: OrderBench;
const changed = (version: number, amount = laptop.priceAmount) =>
  ProductChanged({
    sku: laptop.sku,
    name: laptop.name,
    category: 'Computers',
    price: { amount, currency: 'EUR' },
    weightGrams: laptop.weightGrams,
    version,
  });

beforeEach(async () => {
  bench = await new OrderBench().start();
  bench.deliver(changed(1), { group: 'order.catalogue' });
  await bench.quiet();
});

const bodyOf = (accepted: Accepted) =>
  JSON.parse('accepted' in accepted ? accepted.accepted.body : '{}');
const idempotency = { id: 'a'.repeat(64), bodyHash: 'b'.repeat(64) };

describe('an order that is accepted', () => {
  it('is priced, placed, begun and announced in one commit', async () => {
    const order = anOrder({ lines: [{ sku: 'LAPTOP-13', quantity: 2 }] });
    const before = bench.store.commits;

    const accepted = await bench.accept(order);

    expect(bench.store.commits).toBe(before + 1);
    expect(accepted).toMatchObject({
      replayed: false,
      accepted: { status: 202, location: `/api/v1/orders/${order.orderId}` },
    });
    expect(bodyOf(accepted)).toMatchObject({
      id: order.orderId,
      status: 'pending',
      subtotal: { amount: 199_800, currency: 'EUR' },
      shippingCost: { amount: 690, currency: 'EUR' },
      tax: { amount: 38_093, currency: 'EUR' },
      total: { amount: 238_583, currency: 'EUR' },
      payment: { status: 'pending', captured: { amount: 0, currency: 'EUR' } },
      version: 1,
    });
    expect(bench.published()).toEqual(['inventory.reserve-stock', 'order.placed', 'order.updated']);
    expect(bench.history(order.orderId)).toEqual(['placed']);
    expect(bench.state(sagas, `place-order:${order.orderId}`)).toMatchObject({ status: 'running' });
  });

  it('answers the same order when its message comes again, as after a lost commit', async () => {
    const message = AcceptOrder(anOrder());
    const id = newId(bench.clock.now());
    const submit = () => bench.consumer.submit<Accepted>(message, { id });
    const [first] = await Promise.all([submit(), bench.quiet()]);
    await bench.pass(1_000);
    const [again] = await Promise.all([submit(), bench.quiet()]);

    expect(again).toEqual(first);
    expect(bench.store.events).toHaveLength(1);
  });

  it('itemises its taxes by the classes of its products', async () => {
    const book = { ...laptop, sku: 'BOOK', priceAmount: 3_900, taxClass: 'reduced' as const };
    bench.deliver(
      ProductChanged({
        sku: book.sku,
        name: book.name,
        category: 'Books',
        price: { amount: book.priceAmount, currency: 'EUR' },
        weightGrams: 640,
        taxClass: 'reduced',
        version: 1,
      }),
      { group: 'order.catalogue' },
    );
    await bench.quiet();
    const order = anOrder({ lines: [{ sku: 'BOOK', quantity: 1 }] });

    expect(bodyOf(await bench.accept(order))).toMatchObject({
      tax: { amount: 366, currency: 'EUR' },
      taxes: [
        { class: 'standard', rate: 19, net: { amount: 490 }, tax: { amount: 93 } },
        { class: 'reduced', rate: 7, net: { amount: 3_900 }, tax: { amount: 273 } },
      ],
    });
    expect(bench.order(order.orderId)?.content.lines).toMatchObject([{ taxClass: 'reduced' }]);
    const plain = anOrder();
    await bench.accept(plain);
    expect(bench.order(plain.orderId)?.content).toMatchObject({ taxRate: 1_900 });
    expect(bench.order(plain.orderId)?.content).not.toHaveProperty('taxes');
  });

  it('charges a business in another member state no tax, and says that it owes it', async () => {
    const order = anOrder({
      vatId: 'FR40303265045',
      shippingAddress: { ...address, country: 'FR' },
    });
    expect(bodyOf(await bench.accept(order))).toMatchObject({
      vatId: 'FR40303265045',
      reverseCharge: true,
      tax: { amount: 0 },
      taxes: [{ class: 'standard', rate: 0, net: { amount: 101_390 }, tax: { amount: 0 } }],
      total: { amount: 101_390 },
    });
    const plain = anOrder();
    expect(bodyOf(await bench.accept(plain))).toMatchObject({ vatId: null, reverseCharge: false });
    expect(Object.keys(bench.order(plain.orderId)?.content ?? {})).not.toContain('vatId');
  });

  it('is paid with store credit in whole or in part, and with less than its total beside a card', async () => {
    const whole = anOrder({ payment: { method: 'credit' } });
    const { total, payment } = bodyOf(await bench.accept(whole));
    expect(payment).toMatchObject({ method: 'credit', credit: null });
    const saga = (orderId: string) => bench.state(sagas, `place-order:${orderId}`)?.data;
    expect(saga(whole.orderId)).toMatchObject({ credit: total });
    expect(saga(whole.orderId)).not.toHaveProperty('paymentToken');
    const beside = (amount: number, currency = 'EUR') => {
      const creditAmount = { amount, currency };
      return anOrder({
        payment: { method: 'card_and_credit', token: 'tok_visa', creditAmount },
      });
    };
    const part = beside(total.amount - 1);
    expect(bodyOf(await bench.accept(part)).payment.method).toBe('card_and_credit');
    expect(saga(part.orderId)).toMatchObject({ paymentToken: 'tok_visa' });
    const path = '/payment/creditAmount';
    await expect(bench.accept(beside(total.amount))).rejects.toMatchObject({
      code: 'credit_exceeds_total',
      path: `${path}/amount`,
    });
    await expect(bench.accept(beside(1, 'USD'))).rejects.toMatchObject({
      code: 'wrong_currency',
      path: `${path}/currency`,
    });
  });

  it('keeps the payment token out of its history and its row', async () => {
    await bench.accept(anOrder({ payment: { method: 'card', token: 'tok_secret' } }));

    expect(JSON.stringify(bench.store.events)).not.toContain('tok_secret');
  });

  it('has the price of the newest version of its product, however late older ones come', async () => {
    bench.deliver(changed(3, 50_000), { group: 'order.catalogue' });
    bench.deliver(changed(2, 70_000), { group: 'order.catalogue' });
    await bench.quiet();

    expect(bodyOf(await bench.accept(anOrder())).subtotal.amount).toBe(50_000);
  });
});

describe('an unknown product', () => {
  const lines = [{ sku: 'MUG', quantity: 1 }];
  const mug = { ...laptop, sku: 'MUG', priceAmount: 1_290 };

  it('is named and nothing is placed', async () => {
    const order = anOrder({ lines });

    expect(await bench.accept(order)).toEqual({ missing: ['MUG'] });
    expect(bench.order(order.orderId)).toBeUndefined();
    expect(bench.published()).toEqual([]);
  });

  it('is learned from what inventory found, once and for the orders after', async () => {
    await bench.accept(anOrder({ lines, found: [mug] }));

    expect(bench.state(catalogue, 'MUG')).toEqual({ ...mug, withdrawn: false });
    expect(bodyOf(await bench.accept(anOrder({ lines }))).subtotal.amount).toBe(1_290);
  });

  it('is refused once it was withdrawn, also if an older version of it was found, until a newer one is', async () => {
    const withdrawn = ProductWithdrawn({ sku: 'MUG', version: 3 });
    bench.deliver(withdrawn, { group: 'order.catalogue' });
    await bench.quiet();

    const missing = { missing: ['MUG'] };
    expect(await bench.accept(anOrder({ lines, found: [mug] }))).toEqual(missing);
    const newer = { ...mug, productVersion: 4 };
    expect(await bench.accept(anOrder({ lines, found: [newer] }))).toMatchObject({
      replayed: false,
    });
    bench.deliver(withdrawn, { group: 'order.catalogue', id: newId() });
    await bench.quiet();
    expect(await bench.accept(anOrder({ lines }))).toMatchObject({ replayed: false });
  });

  it('never replaces a newer version by what was found', async () => {
    const old = { ...laptop, priceAmount: 1, productVersion: 1 };
    bench.deliver(changed(2), { group: 'order.catalogue' });
    await bench.quiet();

    expect(bodyOf(await bench.accept(anOrder({ found: [old] }))).subtotal.amount).toBe(99_900);
  });
});

describe('an order that is refused', () => {
  it('writes nothing', async () => {
    const order = anOrder({ shippingAddress: { ...address, country: 'ZZ' } });
    const before = bench.store.commits;

    await expect(bench.accept(order)).rejects.toMatchObject({ code: 'unknown_country' });
    expect(bench.store.commits).toBe(before);
  });
});

describe('an idempotency key', () => {
  it('gives the same bytes again for the same body', async () => {
    const first = await bench.accept(anOrder({ idempotency }));
    const again = await bench.accept(anOrder({ idempotency }));

    expect(again).toEqual({ ...first, replayed: true, accepted: expect.anything() });
    expect(bodyOf(again)).toEqual(bodyOf(first));
    expect(bench.store.events).toHaveLength(1);
  });

  it('is refused for another body, and keeps its answer', async () => {
    await bench.accept(anOrder({ idempotency }));
    const other = anOrder({ idempotency: { ...idempotency, bodyHash: 'c'.repeat(64) } });

    await expect(bench.accept(other)).rejects.toMatchObject({ code: 'idempotency_key_reused' });
    expect(bench.store.events).toHaveLength(1);
  });

  it('makes one order of a hundred that come at once', async () => {
    const all = Array.from({ length: 100 }, () =>
      bench.consumer.submit<Accepted>(AcceptOrder(anOrder({ idempotency }))),
    );
    await bench.quiet();
    const accepted = await Promise.all(all);

    expect(new Set(accepted.map((each) => bodyOf(each).id)).size).toBe(1);
    expect(accepted.filter((each) => 'replayed' in each && each.replayed)).toHaveLength(99);
    expect(bench.store.events).toHaveLength(1);
  });

  it('stores no answer for an order that was refused', async () => {
    const order = anOrder({ idempotency, shippingAddress: { ...address, country: 'ZZ' } });
    await expect(bench.accept(order)).rejects.toMatchObject({ code: 'unknown_country' });

    expect(bench.state(storedAnswers, idempotency.id)).toBeUndefined();
    expect(await bench.accept(anOrder({ idempotency, orderId: newId() }))).toMatchObject({
      replayed: false,
    });
  });
});
