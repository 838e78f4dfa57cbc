import { describe, expect, it } from '@jest/globals';
import { anAddress } from '@waybill/testing';
import { checkedVatId, checkOrder } from './order.checks.ts';
import { OrderRefused } from './order.errors.ts';

const line = { sku: 'LAPTOP-13', quantity: 1 };
const card = (token: string) => ({ method: 'card' as const, token });
const order = { lines: [line], shippingAddress: anAddress(), payment: card('tok_visa') };

function refusalOf(change: Partial<typeof order>): unknown {
  try {
    checkOrder({ ...order, ...change });
    return null;
  } catch (error) {
    return error;
  }
}

describe('an order that needs no catalogue to be refused', () => {
  it('is none when all is well', () => {
    expect(refusalOf({})).toBeNull();
    expect(refusalOf({ payment: card('pm_1NXWPnCo6bFb1KQto6C8OWvE') })).toBeNull();
    const shippingAddress = anAddress({ name: 'Ελένη Ştefan-Жуков', line2: undefined });
    expect(refusalOf({ shippingAddress })).toBeNull();
  });

  it('has a SKU on two lines, or a token that is none', () => {
    const twice = refusalOf({ lines: [line, line] });
    expect(twice).toMatchObject({ code: 'duplicate_sku', path: '/lines/1/sku' });
    const token = refusalOf({ payment: card('4111111111111111') });
    expect(token).toMatchObject({ code: 'invalid_payment_token', path: '/payment/token' });
  });

  it.each([
    ['name', '李雷', '李 (U+674E)'],
    ['line1', 'شارع الملك', 'ش (U+0634)'],
    ['line2', 'קומה 3', 'ק (U+05E7)'],
    ['city', 'Berlin 👋', '👋 (U+1F44B)'],
    ['postalCode', '101\u200b15', 'U+200B'],
  ])('has a %s that no label can show', (field, value, character) => {
    const refusal = refusalOf({ shippingAddress: anAddress({ [field]: value }) });
    expect(refusal).toBeInstanceOf(OrderRefused);
    expect(refusal).toMatchObject({
      code: 'unprintable_address',
      path: `/shippingAddress/${field}`,
    });
    expect((refusal as Error).message).toContain(`a label cannot show ${character}:`);
  });
});

describe('a VAT id', () => {
  it('is kept without blanks, and refused when it is none', () => {
    expect([null, undefined].map(checkedVatId)).toEqual([null, null]);
    expect(checkedVatId('fr 40 303 265 045')).toBe('FR40303265045');
    expect(() => checkedVatId('FR40303265046')).toThrow(
      expect.objectContaining({ code: 'invalid_vat_id', path: '/vatId' }),
    );
  });
});
