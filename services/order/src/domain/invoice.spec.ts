import { describe, expect, it } from '@jest/globals';
import { anOrderPlacement, seller } from '../testing/invoice.fixtures.ts';
import { address } from '../testing/order.fixtures.ts';
import { creditNoteOf } from './credit-note.ts';
import { invoiceNumber, invoiceOf, linesOf } from './invoice.ts';
import { shopCalendar } from './shop-calendar.ts';

const issue = { number: '2026-000007', issuedOn: '2026-11-29' };
const invoice = invoiceOf(anOrderPlacement(), '2026-11-28', seller, issue);

describe('an invoice', () => {
  it('shows who sells what to whom, when, and the tax of each class', () => {
    expect(invoice).toMatchObject({
      number: '2026-000007',
      issuedOn: '2026-11-29',
      orderedOn: '2026-11-28',
      corrects: null,
      seller: {
        lines: ['Waybill Trading', 'Hafenstrasse 12', '20457 Hamburg', 'Germany'],
        vatId: 'DE136695976',
      },
      buyer: { address, country: 'DE', vatId: null },
      lines: [
        { sku: 'LAPTOP-13', quantity: 1, unitPrice: 99_900, total: 99_900, taxRate: 1_900 },
        { sku: 'TEA', quantity: 3, unitPrice: 500, total: 1_500, taxRate: 700 },
      ],
      voucher: { code: 'SUMMER', discount: 1_000 },
      net: 101_090,
      tax: 19_054,
      total: 120_144,
      notes: ['Paid in full.'],
    });
  });

  it('has an address of as many lines as it needs', () => {
    expect(linesOf(address)).toEqual(['Ada L.', '1 Main St', '10115 Berlin', 'Germany']);
    expect(linesOf({ ...address, line2: '3rd floor' })).toHaveLength(5);
  });

  it('to a business that owes the tax names its VAT id and says so', () => {
    const business = anOrderPlacement({ vatId: 'FR40303265045', reverseCharge: true });
    expect(invoiceOf(business, '2026-11-28', seller, issue)).toMatchObject({
      buyer: { vatId: 'FR40303265045' },
      notes: ['Reverse charge: the recipient is liable for the VAT.', 'Paid in full.'],
    });
  });
});

describe('a credit note', () => {
  const its = { ...issue, number: 'C2026-000001' };

  it('of everything repeats the lines of the invoice, and names it', () => {
    expect(creditNoteOf(invoice, { amount: invoice.total }, its)).toEqual({
      ...invoice,
      series: 'credit_note',
      number: 'C2026-000001',
      corrects: '2026-000007',
      notes: ['The total is refunded.'],
    });
  });

  it('of a part shows its lines at their price, and what was paid of it for each tax class', () => {
    const lines = [{ sku: 'TEA', quantity: 2, net: 990, tax: 69 }];
    const shipping = { net: 690, tax: 131 };
    expect(creditNoteOf(invoice, { amount: 1_880, lines, shipping }, its)).toMatchObject({
      lines: [{ sku: 'TEA', quantity: 2, unitPrice: 500, total: 1_000 }],
      subtotal: 1_000,
      voucher: { code: 'SUMMER', discount: 10 },
      shippingCost: 690,
      taxes: [
        { class: 'standard', net: 690, tax: 131 },
        { class: 'reduced', net: 990, tax: 69 },
      ],
      net: 1_680,
      tax: 200,
      total: 1_880,
    });
  });
});

describe('a number', () => {
  it('tells series and year, and grows beyond a million', () => {
    expect(invoiceNumber('invoice', 2026, 123)).toBe('2026-000123');
    expect(invoiceNumber('credit_note', 2027, 1_234_567)).toBe('C2027-1234567');
  });

  it('is of the year that the shop has, wherever the server is', () => {
    const at = '2026-12-31T23:30:00.000Z';
    expect(shopCalendar('Europe/Berlin')(at)).toBe('2027-01-01');
    expect(shopCalendar('America/New_York')(at)).toBe('2026-12-31');
    expect(() => shopCalendar('Mars/Olympus')).toThrow(RangeError);
  });
});
