import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { setVisitorHeaders } from './visitor-headers.ts';

const claimed = {
  'x-visitor-country': 'XX',
  'x-visitor-network': 'mine',
  'x-forwarded-for': '203.0.113.7',
  forwarded: 'for=203.0.113.7',
  'cf-connecting-ip': '203.0.113.7',
  'x-other': '1',
};
const activity = '/api/v1/activity?a=1';

function headersOf(url: string, address: string) {
  const headers = { ...claimed };
  setVisitorHeaders({ url, headers } as unknown as IncomingMessage, address);
  return headers;
}

describe('the headers about a visitor', () => {
  it('replace what a caller sent, and only where they are needed', () => {
    expect(headersOf(activity, '8.8.8.8')).toEqual({
      'x-visitor-country': 'US',
      'x-visitor-network': expect.stringMatching(/^[\w-]{43}$/),
      'x-other': '1',
    });
    expect(Object.keys(headersOf(activity, '10.0.0.1')).sort()).toEqual([
      'x-other',
      'x-visitor-network',
    ]);
    expect(headersOf('/api/v1/orders', '8.8.8.8')).toEqual({ 'x-other': '1' });
  });

  it('tell networks apart without an address', () => {
    const networks = ['8.8.8.8', '8.8.8.9', '::ffff:8.8.8.8', '2001:db8::1', '2001:db8::2'].map(
      (address) => headersOf(activity, address)['x-visitor-network'],
    );
    expect([networks[1] === networks[0], networks[2] === networks[0]]).toEqual([false, true]);
    expect(networks[4]).toBe(networks[3]);
    expect(networks.join()).not.toMatch(/8\.8\.8|2001/);
  });
});
