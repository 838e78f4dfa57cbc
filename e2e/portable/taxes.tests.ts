import { expect, it } from '@jest/globals';
import { anAddress } from '@waybill/testing';
import type { OrderView, ProblemView } from '../system/client.ts';
import type { Target } from './target.ts';

/** `[class, rate in percent, net, tax]` of each class. */
const taxesOf = ({ taxes }: OrderView): unknown[] =>
  taxes.map((each) => [each.class, each.rate, each.net.amount, each.tax.amount]);

/** The taxes of orders, by the classes of their products and the country of destination. */
export function taxTests(target: () => Target): void {
  it('has a tax for each class of its products, and shipping is of the standard class', async () => {
    const ada = await target().as('ada');
    const price = (amount: number) => ({ price: { amount, currency: 'EUR' }, weightGrams: 100 });
    const lamp = await target().product(5, price(1_000));
    const book = await target().product(5, { ...price(3_905), taxClass: 'reduced' });
    const stamp = await target().product(5, { ...price(85), taxClass: 'zero' });
    const lines = [
      { sku: book, quantity: 3 },
      { sku: lamp, quantity: 1 },
      { sku: stamp, quantity: 2 },
    ];
    const order = await ada.buy({ lines });
    expect(order.shippingCost.amount).toBe(490);
    expect(taxesOf(order)).toEqual([
      ['standard', 19, 1_490, 283],
      ['reduced', 7, 11_715, 820],
      ['zero', 0, 170, 0],
    ]);
    expect(order.tax.amount).toBe(1_103);
    expect(order.payment.captured).toEqual(order.total);
    const finnish = await ada.buy({ lines, shippingAddress: anAddress({ country: 'FI' }) });
    expect(taxesOf(finnish)).toEqual([
      ['standard', 25.5, 1_990, 507],
      ['reduced', 13.5, 11_715, 1_582],
      ['zero', 0, 170, 0],
    ]);
  });

  it('is owed by a business in another member state, which pays none here', async () => {
    const ada = await target().as('ada');
    const vatId = 'FR40303265045';
    const to = (country: string) =>
      ada.buy({ vatId: 'fr 40 303 265 045', shippingAddress: anAddress({ country }) });
    const french = await to('FR');
    expect(french).toMatchObject({ vatId, reverseCharge: true, tax: { amount: 0 } });
    expect(taxesOf(french)).toEqual([['standard', 0, french.total.amount, 0]]);
    expect(french.payment.captured).toEqual(french.total);
    for (const [country, rate] of [
      ['DE', 19],
      ['CH', 8.1],
    ] as const) {
      const order = await to(country);
      expect(order).toMatchObject({ vatId, reverseCharge: false, taxes: [{ rate }] });
      expect(order.tax.amount).toBeGreaterThan(0);
    }
    const plain = await ada.buy({ shippingAddress: anAddress({ country: 'FR' }) });
    expect(plain).toMatchObject({ vatId: null, reverseCharge: false, taxes: [{ rate: 20 }] });
  });

  it('shows the class of a product, which an operator can change', async () => {
    const ops = await target().as('ops');
    const path = { sku: await target().product(1) };
    expect((await ops.read('/api/v1/products/{sku}', { path })).taxClass).toBe('standard');
    const {
      sku: _,
      available: __,
      ...details
    } = await ops.read('/api/v1/products/{sku}', { path });
    const put = (taxClass: unknown) =>
      ops.send<ProblemView>('PUT', `/api/v1/products/${path.sku}`, {
        json: { ...details, taxClass },
      });
    expect((await put('reduced')).body).toMatchObject({ taxClass: 'reduced' });
    const refused = await put('luxury');
    expect([refused.status, refused.body.errors?.[0]?.path]).toEqual([400, '/taxClass']);
    expect((await put(undefined)).body).toMatchObject({ taxClass: 'standard' });
  });
}
