import { describe, expect, it } from '@jest/globals';
import { productDetails } from '../messages/inventory.local.ts';
import { catalogueSeed } from './catalogue.ts';

describe('the seeded catalogue', () => {
  it('has at least 24 products of several categories, each named once', () => {
    expect(catalogueSeed.length).toBeGreaterThanOrEqual(24);
    expect(new Set(catalogueSeed.map(({ category }) => category)).size).toBeGreaterThan(3);
    expect(new Set(catalogueSeed.map(({ sku }) => sku)).size).toBe(catalogueSeed.length);
  });

  it.each(catalogueSeed)('$sku is what an operator could have entered', (product) => {
    const { sku: _, priceAmount, quantity, threshold, warehouse: __, ...details } = product;
    const body = {
      ...details,
      imageUrl: `/images/${product.sku.toLowerCase()}.svg`,
      price: { amount: priceAmount, currency: 'EUR' },
    };
    expect(productDetails.safeParse(body).error).toBeUndefined();
    expect(quantity).toBeGreaterThanOrEqual(0);
    expect(threshold).toBeGreaterThan(0);
  });

  it('has one product that is sold out and one with a tiny stock', () => {
    const quantityOf = (sku: string) => catalogueSeed.find((each) => each.sku === sku)?.quantity;
    expect(quantityOf('LAPTOP-13')).toBeGreaterThan(1_000);
    expect(quantityOf('BOOK-SIGNED')).toBe(0);
    expect(quantityOf('TURNTABLE')).toBe(3);
  });
});
