import { line, type Pdf, printable } from '@waybill/pdf';

/** A4, in points. */
export const page = { width: 595.28, height: 841.89 };
export const left = 50;
export const right = page.width - left;
export const width = right - left;
/** Nothing but page numbers is drawn below. */
export const bottom = page.height - 70;

/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly x: number;
  readonly width: number;
  readonly align: 'left' | 'right';
}

/** One line of text in a column, aligned, and shrunk where it is too long. */
export function drawCell(pdf: Pdf, text: string, { x, width, align }: Column, y: number): void {
  const wide = Math.min(pdf.widthOfString(printable(text)), width);
  line(pdf, text, align === 'right' ? x + width - wide : x, y, align === 'right' ? wide : width);
}

/** Text on as many lines as it needs; returns where the next thing goes. */
export function drawText(pdf: Pdf, text: string, { x, width }: Column, y: number): number {
  const shown = printable(text);
  pdf.text(shown, x, y, { width, lineGap: 0 });
  return y + pdf.heightOfString(shown, { width });
}

export function rule(pdf: Pdf, y: number, from = left): void {
  pdf.lineWidth(0.5).moveTo(from, y).lineTo(right, y).stroke();
}
