import type PDFDocument from 'pdfkit';
import type { Label } from './label.ts';

const millimetre = 72 / 25.4;
/** The size of label printers: 4 by 6 inches. */
const page = { width: 288, height: 432 };
const margin = 4 * millimetre;
const inner = page.width - 2 * margin;

/** A label as PDF, one page of 4 × 6 inches, with the tracking number as Code 128. */
export async function renderLabel(label: Label): Promise<Buffer> {
  // Twenty megabytes that a process without readers of labels does not need.
  const [{ default: bwipjs }, { default: Document }] = await Promise.all([
    import('bwip-js/node'),
    import('pdfkit'),
  ]);
  const barcode = await bwipjs.toBuffer({
    bcid: 'code128',
    text: label.trackingNumber,
    scale: 4,
    height: 22,
  });
  const pdf = new Document({
    size: [page.width, page.height],
    margin,
    autoFirstPage: true,
    info: { Title: `Label ${label.trackingNumber}`, Creator: 'Waybill' },
  });
  const done = bytesOf(pdf);
  pdf
    .lineWidth(1.2)
    .rect(margin, margin, inner, page.height - 2 * margin)
    .stroke();
  drawHeader(pdf, label);
  drawSender(pdf, label);
  drawReceiver(pdf, label);
  drawBarcode(pdf, label, barcode);
  drawFooter(pdf, label);
  pdf.end();
  return done;
}

type Pdf = InstanceType<typeof PDFDocument>;

function bytesOf(pdf: Pdf): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
    pdf.on('end', () => resolve(Buffer.concat(chunks)));
    pdf.on('error', reject);
  });
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
  pdf.fillColor('white').font('Helvetica-Bold').fontSize(32);
  pdf.text(letter, margin + inner - box, margin + 10, { width: box, align: 'center' });
  pdf.fillColor('black').fontSize(20);
  line(pdf, carrier.toUpperCase(), left, margin + 8, width - box);
  pdf.font('Helvetica').fontSize(9);
  line(pdf, method === 'express' ? 'EXPRESS' : 'STANDARD PARCEL', left, margin + 30, width - box);
  rule(pdf, margin + height);
}

function drawSender(pdf: Pdf, { from }: Label): void {
  let y = margin + 53;
  pdf.font('Helvetica').fontSize(6.5);
  line(pdf, 'FROM', left, y, width);
  pdf.fontSize(8);
  for (const text of from) {
    y += 9.5;
    line(pdf, text, left, y, width);
  }
  rule(pdf, margin + 106);
}

function drawReceiver(pdf: Pdf, { to, country }: Label): void {
  let y = margin + 113;
  pdf.font('Helvetica').fontSize(6.5);
  line(pdf, 'TO', left, y, width);
  pdf.font('Helvetica-Bold').fontSize(13);
  for (const text of to) {
    y += 16;
    line(pdf, text, left, y, width);
  }
  pdf.fontSize(22);
  line(pdf, country, left, margin + 194, width);
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
    pdf.font('Helvetica').fontSize(6.5);
    line(pdf, title, x, margin + 352, width / 2);
    pdf.font('Helvetica-Bold').fontSize(11);
    line(pdf, text, x, margin + 361, width / 2);
  });
  pdf.font('Helvetica').fontSize(6.5);
  line(pdf, 'REFERENCE', left, margin + 379, width);
  pdf.fontSize(8.5);
  line(pdf, reference, left, margin + 388, width);
}

/** One line of text, shrunk to fit: the standard fonts know Latin letters only. */
function line(pdf: Pdf, text: string, x: number, y: number, room: number): void {
  const printable = latin(text);
  pdf.save();
  const wide = pdf.widthOfString(printable);
  const scale = wide > room ? room / wide : 1;
  pdf.scale(scale, 1, { origin: [x, y] });
  pdf.text(printable, x, y, { lineBreak: false });
  pdf.restore();
}

/** Letters outside Latin 1 lose their accents; what is left becomes a question mark. */
const latin = (text: string): string =>
  [...text]
    .map((letter) => (isLatin(letter) ? letter : letter.normalize('NFD').charAt(0)))
    .map((letter) => (isLatin(letter) ? letter : '?'))
    .join('');

const isLatin = (letter: string): boolean => /^[\u0020-\u007e\u00a0-\u00ff]$/.test(letter);
