import { line, newPdf, type Pdf } from '@waybill/pdf';
import type { Label } from './label.ts';

const millimetre = 72 / 25.4;
/** The paper size of label printers: 4 by 6 inches. */
const page = { width: 288, height: 432 };
const margin = 4 * millimetre;
const inner = page.width - 2 * margin;

/** Renders a label as PDF: one page of 4 × 6 inches, with the tracking number as Code 128. */
export function renderLabel(label: Label): Promise<Buffer> {
  const title = `Label ${label.trackingNumber}`;
  return newPdf({ size: [page.width, page.height], margin, title }, async (pdf) => {
    const barcode = await barcodeOf(label);
    pdf
      .lineWidth(1.2)
      .rect(margin, margin, inner, page.height - 2 * margin)
      .stroke();
    drawHeader(pdf, label);
    drawSender(pdf, label);
    drawReceiver(pdf, label);
    drawBarcode(pdf, label, barcode);
    drawFooter(pdf, label);
  });
}

async function barcodeOf({ trackingNumber: text }: Label): Promise<Buffer> {
  // Loaded on demand, because it takes megabytes that a process without labels does not need.
  const { default: bwipjs } = await import('bwip-js/node');
  return bwipjs.toBuffer({ bcid: 'code128', text, scale: 4, height: 22 });
}

const pad = 8;
const left = margin + pad;
const width = inner - 2 * pad;

function rule(pdf: Pdf, y: number): void {
  pdf
    .lineWidth(1.2)
    .moveTo(margin, y)
    .lineTo(margin + inner, y)
    .stroke();
}

function drawHeader(pdf: Pdf, { carrier, method }: Label): void {
  const height = 46;
  const letter = method === 'express' ? 'E' : 'S';
  const box = 46;
  pdf.rect(margin + inner - box, margin, box, height).fill('black');
  pdf.fillColor('white').font('bold').fontSize(32);
  const wide = pdf.widthOfString(letter);
  line(pdf, letter, margin + inner - (box + wide) / 2, margin + 1, wide);
  pdf.fillColor('black').fontSize(20);
  line(pdf, carrier.toUpperCase(), left, margin + 3, width - box);
  pdf.font('regular').fontSize(9);
  line(pdf, method === 'express' ? 'EXPRESS' : 'STANDARD PARCEL', left, margin + 28, width - box);
  rule(pdf, margin + height);
}

function drawSender(pdf: Pdf, { from }: Label): void {
  let y = margin + 51;
  pdf.font('regular').fontSize(6.5);
  line(pdf, 'FROM', left, y, width);
  pdf.fontSize(8);
  for (const text of from) {
    y += 9.5;
    line(pdf, text, left, y, width);
  }
  rule(pdf, margin + 106);
}

function drawReceiver(pdf: Pdf, { to, country }: Label): void {
  let y = margin + 111;
  pdf.font('regular').fontSize(6.5);
  line(pdf, 'TO', left, y, width);
  pdf.font('bold').fontSize(13);
  for (const text of to) {
    y += 16;
    line(pdf, text, left, y, width);
  }
  pdf.fontSize(22);
  line(pdf, country, left, margin + 190, width);
  rule(pdf, margin + 222);
}

function drawBarcode(pdf: Pdf, { trackingNumber }: Label, barcode: Buffer): void {
  const top = margin + 232;
  pdf.image(barcode, left + 6, top, { width: width - 12, height: 78 });
  pdf.font('Courier-Bold').fontSize(14);
  const grouped = trackingNumber.replace(
    /^([A-Z]{2})(\d{4})(\d{4})(\d)([A-Z]{2})$/,
    '$1 $2 $3 $4 $5',
  );
  pdf.text(grouped, left, top + 86, { width, align: 'center', lineBreak: false });
  rule(pdf, margin + 344);
}

function drawFooter(pdf: Pdf, { weightGrams, reference, shippedOn }: Label): void {
  const cells: readonly [string, string][] = [
    ['WEIGHT', `${(Math.ceil(weightGrams / 10) / 100).toFixed(2)} kg`],
    ['DATE', shippedOn],
  ];
  cells.forEach(([title, text], index) => {
    const x = left + (index * width) / 2;
    pdf.font('regular').fontSize(6.5);
    line(pdf, title, x, margin + 350, width / 2);
    pdf.font('bold').fontSize(11);
    line(pdf, text, x, margin + 358, width / 2);
  });
  pdf.font('regular').fontSize(6.5);
  line(pdf, 'REFERENCE', left, margin + 377, width);
  pdf.fontSize(8.5);
  line(pdf, reference, left, margin + 386, width);
}
