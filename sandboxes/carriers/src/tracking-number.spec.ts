import { describe, expect, it } from '@jest/globals';
import { trackingNumber } from './tracking-number.ts';

describe('a tracking number', () => {
  it('has the check digit of the postal standard S10', () => {
    expect(trackingNumber('RB', 12_345_678)).toBe('RB123456785DE');
    expect(trackingNumber('HP', 47_312_482)).toBe('HP473124829DE');
  });
});
