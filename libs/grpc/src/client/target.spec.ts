import { describe, expect, it } from '@jest/globals';
import { targetOf } from './target.ts';

describe('the place that is called', () => {
  it.each([
    ['grpc://inventory:9082', 'inventory:9082'],
    ['127.0.0.1:9082', '127.0.0.1:9082'],
    ['[::1]:9082', '[::1]:9082'],
    ['grpc://127.0.0.1:1, grpc://127.0.0.2:2', 'ipv4:127.0.0.1:1,127.0.0.2:2'],
  ])('of %s is %s', (url, target) => {
    expect(targetOf(url)).toBe(target);
  });

  it('cannot be several names', () => {
    expect(() => targetOf('one:1,127.0.0.1:2')).toThrow('one:1 is not');
  });
});
