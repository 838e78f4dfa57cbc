import { describe, expect, it } from '@jest/globals';
import { aVoucher } from '../testing/order.fixtures.ts';
import { redeem, type Voucher, voucherCodeOf } from './voucher.ts';

const now = new Date('2026-06-01T12:00:00.000Z');
const discount = (voucher: Partial<Voucher>, subtotal = 10_000, usesOfCustomer = 0) =>
  redeem(aVoucher(voucher), { code: 'SUMMER', subtotal, usesOfCustomer, now });

describe('the discount of a voucher', () => {
  it.each([
    [{ percent: 10 }, 10_000, 1_000],
    [{ percent: 1 }, 50, 0],
    [{ percent: 1 }, 150, 2],
    [{ percent: 1 }, 250, 2],
    [{ percent: 33 }, 101, 33],
    [{ percent: 100 }, 9_999, 9_999],
    [{ percent: null, amount: 500 }, 10_000, 500],
    [{ percent: null, amount: 500 }, 499, 499],
  ])('with %j on %i is %i', (voucher, subtotal, expected) => {
    expect(discount(voucher, subtotal)).toBe(expected);
  });
});

describe('a voucher', () => {
  it.each([
    ['voucher_disabled', { disabledAt: '2026-01-01T00:00:00.000Z' }],
    ['voucher_not_yet_valid', { validFrom: '2026-06-01T12:00:00.001Z' }],
    ['voucher_expired', { validUntil: '2026-06-01T12:00:00.000Z' }],
    ['voucher_below_minimum', { minimumSubtotal: 10_001 }],
    ['voucher_used_up', { maxUses: 3, uses: 3 }],
    ['voucher_customer_limit', { maxUsesPerCustomer: 2 }],
  ])('is refused as %s', (code, voucher) => {
    const refused = expect.objectContaining({ code, path: '/voucherCode' });
    expect(() => discount(voucher, 10_000, 2)).toThrow(refused);
  });

  it('that does not exist is refused', () => {
    const order = { code: 'NONE', subtotal: 1, usesOfCustomer: 0, now };
    expect(() => redeem(undefined, order)).toThrow('there is no voucher NONE');
  });

  it('is taken at each of its limits', () => {
    const limits = {
      validFrom: now.toISOString(),
      validUntil: '2026-06-01T12:00:00.001Z',
      minimumSubtotal: 10_000,
      maxUses: 3,
      uses: 2,
      maxUsesPerCustomer: 2,
    };
    expect(discount(limits, 10_000, 1)).toBe(1_000);
  });

  it('is found whichever way its code is typed', () => {
    expect(voucherCodeOf(' summer-26 ')).toBe('SUMMER-26');
  });
});
