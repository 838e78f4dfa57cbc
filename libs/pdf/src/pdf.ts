import { bulkhead, Pipeline } from '@waybill/resilience';
import type PDFDocument from 'pdfkit';
import { openFonts } from './fonts.ts';

/** A document that is being drawn, with the fonts `regular` and `bold`. */
export type Pdf = InstanceType<typeof PDFDocument>;

export interface PdfOptions {
  /** Of each page, in points. */
  readonly size: readonly [number, number];
  readonly margin: number;
  readonly title: string;
}

/** Drawing takes the processor from everything else, so documents are drawn one by one, and only so many wait. */
const drawing = new Pipeline('pdf', [bulkhead({ calls: 1, queue: 20 })]);

/**
 * Draws a document and returns its bytes; `draw` finds the first page there. While a document with much text is drawn, `draw`
 * should pause now and then. Rejects with a `BulkheadFull` if too many documents wait already.
 */
export const newPdf = (
  options: PdfOptions,
  draw: (pdf: Pdf) => void | Promise<void>,
): Promise<Buffer> => drawing.run(() => drawn(options, draw));

async function drawn(
  options: PdfOptions,
  draw: (pdf: Pdf) => void | Promise<void>,
): Promise<Buffer> {
  // Loaded on demand, because it takes megabytes that a process without documents does not need.
  const { default: Document } = await import('pdfkit');
  const fonts = await openFonts();
  const pdf = new Document({
    size: [...options.size],
    margin: options.margin,
    // Lets page numbers be drawn once the number of pages is known.
    bufferPages: true,
    info: { Title: options.title, Creator: 'Waybill' },
  });
  const done = bytesOf(pdf);
  // Typed as files, but open fonts are accepted too.
  pdf.registerFont('regular', fonts.regular as never).registerFont('bold', fonts.bold as never);
  await draw(pdf);
  pdf.end();
  return done;
}

function bytesOf(pdf: Pdf): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
    pdf.on('end', () => resolve(Buffer.concat(chunks)));
    pdf.on('error', reject);
  });
}
