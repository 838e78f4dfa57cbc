import { describe, expect, it } from '@jest/globals';
import { storedTaxes, taxesOf } from './order-taxes.ts';

const content = {
  customerName: 'Ada',
  customerEmail: 'ada@example.com',
  lines: [],
  shippingAddress: { name: 'Ada', line1: '1', city: 'Berlin', postalCode: '1', country: 'DE' },
  shippingMethod: 'standard' as const,
  note: null,
  subtotal: 1_000,
  shippingCost: 490,
  tax: 283,
};
const placement = { number: 'W-1', customerId: 'ada', total: 1_773, currency: 'EUR', content };

describe('the taxes of an order', () => {
  const standard = { class: 'standard' as const, rate: 1_900, net: 1_490, tax: 283 };
  const reduced = { class: 'reduced' as const, rate: 700, net: 100, tax: 7 };

  it('are stored as one rate when all is of the standard class, else as they are', () => {
    expect(storedTaxes([standard])).toEqual({ taxRate: 1_900 });
    expect(storedTaxes([standard, reduced])).toEqual({ taxes: [standard, reduced] });
  });

  it('are read back from either form, and from an order that stored none', () => {
    const taxRate = { ...placement, content: { ...content, taxRate: 1_600 } };
    const taxes = { ...placement, content: { ...content, taxes: [standard, reduced] } };

    expect(taxesOf(taxRate)).toEqual([{ ...standard, rate: 1_600 }]);
    expect(taxesOf(taxes)).toEqual([standard, reduced]);
    expect(taxesOf(placement)).toEqual([standard]);
  });
});
