import { describe, expect, it } from '@jest/globals';
import { isByTls, targetOf } from './target.ts';

describe('the place that is called', () => {
  it.each([
    ['grpc://inventory:9082', 'inventory:9082'],
    ['127.0.0.1:9082', '127.0.0.1:9082'],
    ['[::1]:9082', '[::1]:9082'],
    ['grpcs://inventory:9082', 'inventory:9082'],
    ['grpc://127.0.0.1:1, grpc://127.0.0.2:2', 'ipv4:127.0.0.1:1,127.0.0.2:2'],
  ])('of %s is %s', (url, target) => {
    expect(targetOf(url)).toBe(target);
  });

  it('is by TLS where that is said of all', () => {
    expect(isByTls('grpcs://127.0.0.1:1, grpcs://127.0.0.2:2')).toBe(true);
    expect(isByTls('grpc://inventory:9082')).toBe(false);
    expect(isByTls('inventory:9082')).toBe(false);
    expect(() => targetOf('grpcs://127.0.0.1:1,127.0.0.1:2')).toThrow('all are by TLS, or none');
  });

  it('cannot be several names', () => {
    expect(() => targetOf('one:1,127.0.0.1:2')).toThrow('one:1 is not');
  });
});
