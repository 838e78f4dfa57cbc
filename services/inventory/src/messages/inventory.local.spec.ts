import { describe, expect, it } from '@jest/globals';
import { productDetails, quantityIn } from './inventory.local.ts';

const good = {
  name: 'Stoneware mug',
  description: '',
  category: 'Home',
  imageUrl: '/images/mug.svg',
  price: { amount: 1_290, currency: 'EUR' },
  weightGrams: 380,
  taxClass: 'standard',
};
const price = (amount: unknown, currency: unknown = 'EUR') => ({ price: { amount, currency } });

describe('the details of a product', () => {
  it('are taken when all is well', () => {
    expect(productDetails.parse(good)).toEqual(good);
    expect(productDetails.parse({ ...good, imageUrl: 'https://cdn.example.com/mug.png?w=2' }));
    expect(productDetails.parse({ ...good, imageUrl: 'https://cdn.example.com:8443/mug' }));
    expect(productDetails.parse({ ...good, ...price(1_000_000_000) }));
  });

  it('are of the standard tax class unless they say another', () => {
    const { taxClass: _, ...unsaid } = good;
    expect(productDetails.parse(unsaid)).toEqual(good);
    expect(productDetails.parse({ ...good, taxClass: 'zero' })).toMatchObject({ taxClass: 'zero' });
  });

  it.each([
    ['a price of zero', price(0)],
    ['a negative price', price(-1)],
    ['a price above the limit', price(1_000_000_001)],
    ['a huge price', price(1e308)],
    ['a fraction of a cent', price(0.1 + 0.2)],
    ['a price as text', price('1290')],
    ['a price that is no number', price(Number.NaN)],
    ['a currency in small letters', price(1_290, 'eur')],
    ['more inside the price', { price: { amount: 1, currency: 'EUR', extra: 1 } }],
    ['an empty name', { name: '' }],
    ['a name with U+0000', { name: 'mug\u0000' }],
    ['a lone surrogate', { description: '\ud800' }],
    ['a name that is too long', { name: 'm'.repeat(201) }],
    ['no weight', { weightGrams: 0 }],
    ['half a gram', { weightGrams: 1.5 }],
    ['an unknown tax class', { taxClass: 'low' }],
    ['no tax class at all', { taxClass: null }],
    ['a script as an image', { imageUrl: 'javascript:alert(1)' }],
    ['an image on another host without a scheme', { imageUrl: '//evil.example/x.png' }],
    ['an image of another scheme', { imageUrl: 'http://example.com/x.png' }],
    ['an image without a host', { imageUrl: 'https://' }],
    ['an image on a host that is none', { imageUrl: 'https://[::/x.png' }],
    ['an image with a port that is none', { imageUrl: 'https://example.com:99999/x.png' }],
    ['an image with a user and a password', { imageUrl: 'https://a:b@example.com/x.png' }],
    ['an image at another path of this shop', { imageUrl: '/api/v1/orders' }],
    ['an image above the others', { imageUrl: '/images/../api/v1/orders' }],
    ['an image that hides its path', { imageUrl: '/images/%2e%2e/x' }],
    ['an image in a folder', { imageUrl: '/images/a/b.svg' }],
    ['an image of markup', { imageUrl: 'https://example.com/"><script>' }],
    ['an image that is too long', { imageUrl: `https://example.com/${'x'.repeat(500)}` }],
    ['an unknown property', { status: 'free' }],
    ['a missing category', { category: undefined }],
  ])('are refused with %s', (_, change) => {
    expect(productDetails.safeParse({ ...good, ...change }).success).toBe(false);
  });

  it('are refused with __proto__ as a property', () => {
    const body = JSON.parse(`{"__proto__":{"admin":true},${JSON.stringify(good).slice(1)}`);
    const parsed = productDetails.safeParse(body);
    expect(parsed.success ? Object.hasOwn(parsed.data, '__proto__') : false).toBe(false);
  });
});

describe('a quantity', () => {
  it.each([0, -1, 1_000_001, 1.5, '5', null, Number.POSITIVE_INFINITY])(
    'is refused when it is %p',
    (quantity) => {
      expect(quantityIn.safeParse(quantity).success).toBe(false);
    },
  );
});
