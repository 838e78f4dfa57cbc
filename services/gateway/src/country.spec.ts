import { describe, expect, it } from '@jest/globals';
import { countryOf } from './country.ts';

describe('the country of an address', () => {
  it.each([
    ['8.8.8.8', 'US'],
    ['::ffff:141.20.1.1', 'DE'],
    ['127.0.0.1', null],
    ['::1', null],
    ['not an address', null],
    [undefined, null],
  ])('of %s is %s', (address, country) => {
    expect(countryOf(address)).toBe(country);
  });
});
