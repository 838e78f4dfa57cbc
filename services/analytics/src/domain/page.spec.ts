import { describe, expect, it } from '@jest/globals';
import { addSpend, amountOf, pageOf } from './page.ts';

describe('the page of an activity', () => {
  it.each([
    ['page_view', { page: '/' }, '/', 'home'],
    ['page_view', { path: '/products/MUG?utm=1#top' }, '/products/MUG', 'product'],
    ['page_view', { page: 'https://shop.example/cart?x' }, '/cart', 'cart'],
    ['page_view', { page: 'https://shop.example' }, '/', 'home'],
    ['page_view', { page: 'about' }, '/about', 'other'],
    ['page_view', { page: '/a\n\u0001b' }, '/ab', 'other'],
    ['page_view', { page: '/constructor' }, '/constructor', 'other'],
    ['view_product', { sku: 'MUG' }, '/products/MUG', 'product'],
  ] as const)('of %s %j is %s', (type, properties, path, category) => {
    expect(pageOf({ type, properties })).toEqual({ path, category });
  });

  it.each([
    ['page_view', {}],
    ['page_view', { page: '' }],
    ['page_view', { page: 7 }],
    ['search', { page: '/search' }],
    ['view_product', { sku: 'no sku' }],
  ] as const)('of %s %j is none', (type, properties) => {
    expect(pageOf({ type, properties })).toBeNull();
  });

  it('has at most 200 characters, and no half of one', () => {
    const { path = '' } =
      pageOf({ type: 'page_view', properties: { page: '😀'.repeat(150) } }) ?? {};
    expect([path.length, path.isWellFormed()]).toEqual([200, true]);
  });
});

it('adds up amounts to no more than any money may be', () => {
  expect([addSpend(1, 2), addSpend(999_999_999_999, 2)]).toEqual([3, 1_000_000_000_000]);
});

it('takes only amounts that a purchase can have', () => {
  const amounts = [500, 0, -1, 1.5, Number.NaN, 1_000_000_001, '500', null];
  const found = amounts.map((amount) =>
    amountOf({ type: 'purchase', properties: { amount: amount as number } }, 'EUR'),
  );
  expect(found).toEqual([500, 0, null, null, null, null, null, null]);
  const dollars = { amount: 5, currency: 'USD' };
  expect(amountOf({ type: 'purchase', properties: dollars }, 'EUR')).toBeNull();
  expect(amountOf({ type: 'search', properties: { amount: 5 } }, 'EUR')).toBeNull();
});
