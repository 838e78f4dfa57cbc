import { describe, expect, it } from '@jest/globals';
import type { ShippingMethod } from '@waybill/contracts';
import { laptop } from '../testing/order.fixtures.ts';
import { orderNumber } from './order-number.ts';
import { type Price, type Product, priceOf } from './pricing.ts';
import { shippingCost } from './tariff.ts';

const catalogue = new Map<string, Product>([
  ['LAPTOP-13', laptop],
  ['MUG', { ...laptop, sku: 'MUG', priceAmount: 1_290, weightGrams: 380 }],
  ['BOOK', { ...laptop, sku: 'BOOK', priceAmount: 3_905, weightGrams: 640, taxClass: 'reduced' }],
  ['STAMP', { ...laptop, sku: 'STAMP', priceAmount: 85, weightGrams: 1, taxClass: 'zero' }],
  ['DOLLAR', { ...laptop, sku: 'DOLLAR', currency: 'USD' }],
  ['GOLD', { ...laptop, sku: 'GOLD', priceAmount: 1_000_000_000 }],
  ['ANVIL', { ...laptop, sku: 'ANVIL', weightGrams: 31_500 }],
  ['FEATHER', { ...laptop, sku: 'FEATHER', weightGrams: 1 }],
]);
const price = (
  skus: Record<string, number>,
  country = 'DE',
  shippingMethod: ShippingMethod = 'standard',
  vatId: string | null = null,
) =>
  priceOf(
    {
      lines: Object.entries(skus).map(([sku, quantity]) => ({ sku, quantity })),
      country,
      shippingMethod,
      currency: 'EUR',
      vatId,
    },
    (sku) => catalogue.get(sku),
  );

describe('a price', () => {
  it('is lines, shipping by zone and weight, and tax once on both', () => {
    expect(price({ 'LAPTOP-13': 1, MUG: 2 })).toMatchObject({
      subtotal: 102_480,
      weightGrams: 2_060,
      shippingCost: 690,
      tax: 19_602,
      total: 122_772,
    });
  });

  it('taxes by the country of destination', () => {
    const { tax, shippingCost: shipping } = price({ MUG: 1 }, 'CH') as Price;

    expect({ tax, shipping }).toEqual({ tax: 185, shipping: 990 });
    expect(price({ MUG: 1 }, 'US')).toMatchObject({ tax: 0, shippingCost: 1_990 });
  });

  it('taxes each class of products by its own rate, and shipping by the standard one', () => {
    expect(price({ BOOK: 3, MUG: 1, STAMP: 2 })).toMatchObject({
      subtotal: 13_175,
      shippingCost: 690,
      taxes: [
        { class: 'standard', rate: 1_900, net: 1_980, tax: 376 },
        { class: 'reduced', rate: 700, net: 11_715, tax: 820 },
        { class: 'zero', rate: 0, net: 170, tax: 0 },
      ],
      tax: 1_196,
      total: 15_061,
    });
  });

  it('has no tax under reverse charge, class by class', () => {
    expect(price({ BOOK: 1, MUG: 1 }, 'FR', 'standard', 'IT00743110157')).toMatchObject({
      reverseCharge: true,
      taxes: [
        { class: 'standard', rate: 0, net: 2_780, tax: 0 },
        { class: 'reduced', rate: 0, net: 3_905, tax: 0 },
      ],
      tax: 0,
      total: 6_685,
    });
    expect(price({ MUG: 1 }, 'DE', 'standard', 'IT00743110157')).toMatchObject({
      reverseCharge: false,
      tax: 338,
    });
  });

  it('keeps the class of a line, unless it is the standard one', () => {
    const { lines } = price({ BOOK: 1, MUG: 1 }) as Price;

    expect(lines.map(({ taxClass }) => taxClass)).toEqual(['reduced', undefined]);
  });

  it('names every product that the catalogue does not know or that has another currency', () => {
    expect(price({ NOTHING: 1, MUG: 1, DOLLAR: 1 })).toEqual({ missing: ['NOTHING', 'DOLLAR'] });
  });

  it('is refused where this shop does not deliver, and above the largest amount', () => {
    expect(() => price({ MUG: 1 }, 'ZZ')).toThrow('does not deliver to ZZ');
    expect(() => price({ GOLD: 999 })).toThrow('is above');
  });

  it.each<[ShippingMethod, Record<string, number>, Record<string, number>]>([
    ['express', { ANVIL: 1 }, { ANVIL: 1, FEATHER: 1 }],
    ['standard', { ANVIL: 31, FEATHER: 999 }, { ANVIL: 32 }],
  ])(
    'is refused by %s above what any carrier takes, all lines together',
    (method, taken, heavy) => {
      expect(price(taken, 'NZ', method)).toMatchObject({ currency: 'EUR' });
      expect(() => price(heavy, 'DE', method)).toThrow(
        expect.objectContaining({ code: 'parcel_too_heavy', path: '/lines' }),
      );
    },
  );
});

describe('shipping', () => {
  it('costs more when express, further or heavier, and above the last band by its multiples', () => {
    expect(shippingCost('standard', 'domestic', 1_000)).toBe(490);
    expect(shippingCost('standard', 'domestic', 1_001)).toBe(690);
    expect(shippingCost('express', 'domestic', 1_000)).toBe(990);
    expect(shippingCost('standard', 'world', 31_501)).toBe(2 * 9_990);
  });
});

describe('an order number', () => {
  it('is always the same for an id, begins with its day, and differs between ids of one moment', () => {
    const id = '019a9c40-0000-7000-8000-000000000001';

    expect(orderNumber(id)).toBe(orderNumber(id));
    expect(orderNumber(id)).toMatch(/^W\d{6}-[0-9A-Z]{4}-[0-9A-Z]{4}-0001$/);
    expect(orderNumber(id)).not.toBe(orderNumber(id.replace('8000-00', '8000-f0')));
  });
});
