import type PDFDocument from 'pdfkit';
import { openFonts } from './fonts.ts';

/** A document that is being drawn, with the fonts `regular` and `bold`. */
export type Pdf = InstanceType<typeof PDFDocument>;

/** Draws a document of pages of one size (in points) and returns its bytes; `draw` finds the first page there. */
export async function newPdf(
  options: { readonly size: readonly [number, number]; readonly margin: number; title: string },
  draw: (pdf: Pdf) => void,
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
  draw(pdf);
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
