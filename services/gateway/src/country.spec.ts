import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { countryOf, setCountry } from './country.ts';

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

  it('replaces what a caller sent, and only where it is needed', () => {
    const of = (url: string, remoteAddress: string) => {
      const headers = { 'x-visitor-country': 'XX', 'x-other': '1' };
      const request = { url, headers, socket: { remoteAddress } } as unknown as IncomingMessage;
      setCountry(request);
      return request.headers;
    };
    const activity = '/api/v1/activity?a=1';
    expect(of(activity, '8.8.8.8')).toEqual({ 'x-visitor-country': 'US', 'x-other': '1' });
    expect(of(activity, '10.0.0.1')).toEqual({ 'x-other': '1' });
    expect(of('/api/v1/orders', '8.8.8.8')).toEqual({ 'x-other': '1' });
  });
});
