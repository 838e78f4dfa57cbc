import { describe, expect, it } from '@jest/globals';
import { textOfPdf } from '@waybill/pdf/testing';
import { creditNoteOf } from '../domain/credit-note.ts';
import { type Invoice, invoiceOf } from '../domain/invoice.ts';
import { anOrderPlacement, seller } from '../testing/invoice.fixtures.ts';
import { amountText, rateText } from './amounts.ts';
import { renderInvoice } from './render-invoice.ts';

const issue = { number: '2026-000007', issuedOn: '2026-11-29' };
const invoice = invoiceOf(anOrderPlacement(), '2026-11-28', seller, issue);
const buyer = ['Ada L.', '1 Main St', '10115 Berlin', 'Germany'];
const [item] = invoice.lines as [Invoice['lines'][number]];
const pagesOf = (pdf: Buffer): number =>
  pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length ?? 0;

describe('a rendered invoice', () => {
  it('is one page that shows every part', async () => {
    const pdf = await renderInvoice(invoice, buyer);
    expect(pagesOf(pdf)).toBe(1);
    const lines = textOfPdf(pdf).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'Waybill Trading',
        'Hafenstrasse 12 · 20457 Hamburg · Germany · VAT id DE136695976',
        '10115 Berlin',
        '2026-000007',
        'Laptop 13"',
        'Voucher SUMMER',
        '-10.00',
        '6.90',
        'VAT 19 % on 996.05',
        '189.50',
        'VAT 7 % on 14.85',
        'Total EUR',
        '1,201.44',
        'Paid in full.',
        'Invoice 2026-000007 · page 1 of 1',
      ]),
    );
  });

  it('of a hundred lines shows each on one of its pages, and the total once', async () => {
    const names = Array.from(
      { length: 100 },
      (_, i) => `Łóżko Ελλάς Борщ ${i} ${'lang '.repeat(i % 20)}`,
    );
    const long = {
      ...invoice,
      lines: names.map((name, i) => ({ ...item, name, sku: `SKU-${i}` })),
    };
    const pdf = await renderInvoice(long, buyer);
    const lines = textOfPdf(pdf).split('\n');
    const pages = pagesOf(pdf);
    expect(pages).toBeGreaterThan(3);
    for (let i = 0; i < 100; i += 1)
      expect(lines.filter((each) => each === `SKU-${i}`)).toHaveLength(1);
    expect(lines.filter((each) => each === 'Total EUR')).toHaveLength(1);
    // The last page may have nothing but the total.
    const titled = lines.filter((each) => each === 'Description').length;
    expect([pages - 1, pages]).toContain(titled);
    expect(lines).toContain(`Invoice 2026-000007 · page ${pages} of ${pages}`);
  });

  it('of a refund is a credit note that names the invoice', async () => {
    const lines = [{ sku: 'TEA', quantity: 2, net: 990, tax: 69 }];
    const note = creditNoteOf(invoice, { amount: 1_059, lines }, { ...issue, number: 'C2026-1' });
    const shown = textOfPdf(await renderInvoice(note, buyer)).split('\n');
    expect(shown).toEqual(
      expect.arrayContaining(['Credit note', 'C2026-1', '2026-000007', 'Tea', '10.59']),
    );
    expect(shown).not.toContain('Laptop 13"');
  });
});

it.each([
  [123_456_789, 'EUR', '1,234,567.89'],
  [5, 'EUR', '0.05'],
  [-99, 'EUR', '-0.99'],
  [1_234, 'JPY', '1,234'],
  [1_234, 'KWD', '1.234'],
])('%i minor units of %s are %s', (amount, currency, text) => {
  expect(amountText(amount, currency)).toBe(text);
});

it('rates have as many digits as they need', () => {
  expect([1_900, 2_550, 810, 0].map(rateText)).toEqual(['19 %', '25.5 %', '8.1 %', '0 %']);
});
