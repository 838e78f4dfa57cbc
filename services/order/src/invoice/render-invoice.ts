import { setTimeout as pause } from 'node:timers/promises';
import { line, newPdf, type Pdf, printable } from '@waybill/pdf';
import type { Invoice, InvoiceLine, Party } from '../domain/invoice.ts';
import { amountText, rateText } from './amounts.ts';
import {
  bottom,
  type Column,
  drawCell,
  drawText,
  left,
  page,
  right,
  rule,
  width,
} from './layout.ts';

/** Renders an invoice or a credit note to a buyer, line by line, as PDF, on as many pages of A4 as it needs. */
export function renderInvoice(invoice: Invoice, buyer: readonly string[]): Promise<Buffer> {
  const title = `${titleOf(invoice)} ${invoice.number}`;
  return newPdf({ size: [page.width, page.height], margin: left, title }, async (pdf) => {
    drawHead(pdf, invoice);
    const below = await drawLines(pdf, invoice, drawParties(pdf, invoice, buyer));
    drawNotes(pdf, invoice, drawTotals(pdf, invoice, below));
    drawPageNumbers(pdf, title);
  });
}

const titleOf = ({ series }: Invoice): string => (series === 'invoice' ? 'Invoice' : 'Credit note');

const half: Column = { title: '', x: left, width: width * 0.55, align: 'left' };
const labels: Column = { title: '', x: left + width * 0.6, width: width * 0.16, align: 'left' };
const facts: Column = { title: '', x: left + width * 0.76, width: width * 0.24, align: 'right' };

function drawHead(pdf: Pdf, invoice: Invoice): void {
  const [name = '', ...address] = invoice.seller.lines;
  pdf.font('bold').fontSize(15);
  line(pdf, name, left, 46, half.width);
  pdf.fontSize(20);
  drawCell(pdf, titleOf(invoice), { ...facts, x: labels.x, width: right - labels.x }, 42);
  pdf.font('regular').fontSize(8);
  line(pdf, [...address, vatOf(invoice.seller)].join(' · '), left, 70, width);
  rule(pdf, 88);
}

const vatOf = ({ vatId }: Pick<Party, 'vatId'>): string => `VAT id ${vatId}`;

function drawParties(pdf: Pdf, invoice: Invoice, buyer: readonly string[]): number {
  const { vatId } = invoice.buyer;
  const known: readonly (readonly [string, string | null])[] = [
    ['Number', invoice.number],
    ['Date', invoice.issuedOn],
    ['For invoice', invoice.corrects],
    ['Order', invoice.orderNumber],
    ['Ordered on', invoice.orderedOn],
    ['Currency', invoice.currency],
  ];
  let y = 110;
  pdf.font('regular').fontSize(10);
  for (const each of [...buyer, ...(vatId ? [vatOf({ vatId })] : [])]) {
    line(pdf, each, left, y, half.width);
    y += 14;
  }
  let beside = 110;
  pdf.fontSize(9);
  for (const [label, fact] of known) {
    if (fact === null) continue;
    drawCell(pdf.font('regular'), label, labels, beside);
    drawCell(pdf.font('bold'), fact, facts, beside);
    beside += 14;
  }
  return Math.max(y, beside) + 24;
}

const column = (title: string, x: number, wide: number, align: Column['align']): Column => ({
  title,
  x: left + x,
  width: wide,
  align,
});
const columns = {
  position: column('#', 0, 20, 'left'),
  name: column('Description', 24, 216, 'left'),
  quantity: column('Quantity', 244, 50, 'right'),
  unitPrice: column('Unit price', 298, 76, 'right'),
  taxRate: column('VAT', 378, 38, 'right'),
  total: column('Amount', 420, width - 420, 'right'),
};

/** They take about 5 ms, in which the process does nothing else. Then it has as much time, and more, for what waits. */
const linesAtOnce = 5;
const pauseMs = 10;

async function drawLines(pdf: Pdf, invoice: Invoice, top: number): Promise<number> {
  let y = drawTitles(pdf, top);
  for (const [index, each] of invoice.lines.entries()) {
    if (index > 0 && index % linesAtOnce === 0) await pause(pauseMs);
    if (y + heightOf(pdf, each) > bottom) y = drawTitles(nextPage(pdf), 50);
    y = drawLine(pdf, invoice, each, index + 1, y);
  }
  return y;
}

function drawTitles(pdf: Pdf, y: number): number {
  pdf.font('bold').fontSize(8);
  for (const each of Object.values(columns)) drawCell(pdf, each.title, each, y);
  rule(pdf, y + 14);
  return y + 20;
}

const gap = 6;
const skuHeight = 10;

const heightOf = (pdf: Pdf, { name }: InvoiceLine): number =>
  pdf.font('regular').fontSize(9).heightOfString(printable(name), { width: columns.name.width }) +
  skuHeight +
  gap;

function drawLine(
  pdf: Pdf,
  { currency }: Invoice,
  each: InvoiceLine,
  position: number,
  y: number,
): number {
  pdf.font('regular').fontSize(9);
  drawCell(pdf, String(position), columns.position, y);
  drawCell(pdf, String(each.quantity), columns.quantity, y);
  drawCell(pdf, amountText(each.unitPrice, currency), columns.unitPrice, y);
  drawCell(pdf, rateText(each.taxRate), columns.taxRate, y);
  drawCell(pdf, amountText(each.total, currency), columns.total, y);
  const below = drawText(pdf, each.name, columns.name, y);
  pdf.fontSize(7).fillColor('#555555');
  line(pdf, each.sku, columns.name.x, below, columns.name.width);
  pdf.fillColor('black');
  return below + skuHeight + gap;
}

function drawTotals(pdf: Pdf, invoice: Invoice, after: number): number {
  const { currency, voucher, taxes } = invoice;
  const amount = (value: number) => amountText(value, currency);
  const rows: readonly (readonly [string, string])[] = [
    ...(invoice.subtotal === invoice.net ? [] : [['Subtotal', amount(invoice.subtotal)] as const]),
    ...(voucher ? [[`Voucher ${voucher.code}`, amount(-voucher.discount)] as const] : []),
    ...(invoice.shippingCost > 0 ? [['Shipping', amount(invoice.shippingCost)] as const] : []),
    ['Net', amount(invoice.net)],
    ...taxes.map(
      ({ rate, net, tax }) => [`VAT ${rateText(rate)} on ${amount(net)}`, amount(tax)] as const,
    ),
  ];
  const from = columns.quantity.x;
  const title = { ...columns.quantity, width: columns.total.x - from - 8, align: 'left' } as const;
  let y = roomFor(pdf, after, rows.length * 14 + 40);
  rule(pdf, y);
  y += 6;
  pdf.font('regular').fontSize(9);
  for (const [label, text] of rows) {
    drawCell(pdf, label, title, y);
    drawCell(pdf, text, columns.total, y);
    y += 14;
  }
  rule(pdf, y + 1, from);
  pdf.font('bold').fontSize(11);
  drawCell(pdf, `Total ${currency}`, title, y + 5);
  drawCell(pdf, amount(invoice.total), columns.total, y + 5);
  return y + 40;
}

function drawNotes(pdf: Pdf, { notes }: Invoice, after: number): void {
  let y = roomFor(pdf, after, notes.length * 14);
  pdf.font('regular').fontSize(9);
  for (const note of notes) {
    line(pdf, note, left, y, width);
    y += 14;
  }
}

const roomFor = (pdf: Pdf, y: number, height: number): number => {
  if (y + height <= bottom) return y;
  nextPage(pdf);
  return 50;
};

const nextPage = (pdf: Pdf): Pdf => pdf.addPage();

/** Last, because only then the number of pages is known. */
function drawPageNumbers(pdf: Pdf, title: string): void {
  const { count } = pdf.bufferedPageRange();
  for (let index = 0; index < count; index += 1) {
    pdf.switchToPage(index);
    pdf.font('regular').fontSize(8);
    const text = `${title} · page ${index + 1} of ${count}`;
    drawCell(pdf, text, { title: '', x: left, width, align: 'right' }, page.height - 40);
  }
}
